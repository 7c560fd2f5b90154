// Row loops in plain C++ that compilers vectorise: sums in integers, in any order, and floats in the 16 partial sums of
// numerics/float_sum.h. Everything here has internal linkage; each instruction set compiles it with its own flags.
#pragma once

#include "kernels/rows.h"
#include "numerics/reductions.h"

namespace espalier::kernels {
namespace {

// saturate(round_half_even(value) + zero) by the addition of 1.5 * 2^23. Requires: value is not NaN.
[[gnu::always_inline]] inline int8_t row_round(float value, int32_t zero) {
  const float rounded = clamp(value, -kRoundingBound, kRoundingBound) + 0x1.8p23f;
  const int32_t q = __builtin_bit_cast(int32_t, rounded) - __builtin_bit_cast(int32_t, 0x1.8p23f) + zero;
  return static_cast<int8_t>(clamp(q, -128, 127));
}

static void softmax_s8(const int8_t* __restrict x, int8_t* __restrict y, int64_t count,
                       const uint32_t* __restrict table, float output_scale, int32_t output_zero,
                       uint32_t* __restrict exponentials) {
  int8_t largest = -128;
  for (int64_t i = 0; i < count; ++i) largest = x[i] > largest ? x[i] : largest;
  int64_t sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    exponentials[i] = table[largest - x[i]];
    sum += exponentials[i];
  }
  const float denominator = softmax_denominator(sum, output_scale);
  for (int64_t i = 0; i < count; ++i)
    y[i] = row_round(static_cast<float>(static_cast<int32_t>(exponentials[i])) / denominator, output_zero);
}

static void layer_norm_s8(const int8_t* __restrict x, int8_t* __restrict y, int64_t count, float epsilon,
                          const float* __restrict gamma, const float* __restrict beta, int32_t output_zero) {
  int64_t sum = 0;
  int64_t sum_of_squares = 0;
  // Blocks whose sums of squares fit 32 bits.
  constexpr int64_t kBlock = 65536;
  for (int64_t begin = 0; begin < count; begin += kBlock) {
    const int64_t end = begin + kBlock < count ? begin + kBlock : count;
    int32_t block_sum = 0;
    int32_t block_squares = 0;
    for (int64_t i = begin; i < end; ++i) {
      block_sum += x[i];
      block_squares += x[i] * x[i];
    }
    sum += block_sum;
    sum_of_squares += block_squares;
  }
  const RowMoments moments = moments_of_integers(sum, sum_of_squares, count, epsilon);
  for (int64_t i = 0; i < count; ++i) {
    const float normalized = (static_cast<float>(x[i]) - moments.mean) * moments.inverse_deviation;
    const float scaled = normalized * gamma[i];
    const float value = scaled + beta[i];
    y[i] = row_round(value != value ? 0.0f : value, output_zero);
  }
}

// The sum of `term(i)` in the order of numerics/float_sum.h.
template <class Term>
[[gnu::always_inline]] inline float row_sum(int64_t count, Term term) {
  float lanes[16] = {};
  int64_t i = 0;
  for (; i + 16 <= count; i += 16)
    for (int lane = 0; lane < 16; ++lane) lanes[lane] += term(i + lane);
  for (; i < count; ++i) lanes[i % 16] += term(i);
  for (int half = 8; half >= 1; half /= 2)
    for (int lane = 0; lane < half; ++lane) lanes[lane] += lanes[lane + half];
  return lanes[0];
}

static void layer_norm_f32(const float* __restrict x, float* __restrict y, int64_t count, float epsilon,
                           const float* __restrict scale, const float* __restrict bias) {
  const float n = static_cast<float>(count);
  const float mean = row_sum(count, [x](int64_t i) { return x[i]; }) / n;
  const float squares = row_sum(count, [x, mean](int64_t i) {
    const float difference = x[i] - mean;
    return difference * difference;
  });
  const float inverse_deviation = 1.0f / __builtin_sqrtf(squares / n + epsilon);
  for (int64_t i = 0; i < count; ++i) y[i] = (x[i] - mean) * inverse_deviation;
  if (scale != nullptr)
    for (int64_t i = 0; i < count; ++i) y[i] *= scale[i];
  if (bias != nullptr)
    for (int64_t i = 0; i < count; ++i) y[i] += bias[i];
}

static void prelu_s8(const int8_t* __restrict x, int8_t* __restrict y, int64_t count, float multiplier,
                     const float* __restrict below, int64_t step, int32_t input_zero, int32_t output_zero) {
  if (step == 0) {
    const float fixed = below[0];
    for (int64_t i = 0; i < count; ++i) {
      const int32_t difference = x[i] - input_zero;
      y[i] = row_round(static_cast<float>(difference) * (difference < 0 ? fixed : multiplier), output_zero);
    }
    return;
  }
  for (int64_t i = 0; i < count; ++i) {
    const int32_t difference = x[i] - input_zero;
    y[i] = row_round(static_cast<float>(difference) * (difference < 0 ? below[i] : multiplier), output_zero);
  }
}

static void prelu_f32(const float* __restrict x, float* __restrict y, int64_t count, const float* __restrict slope,
                      int64_t step) {
  if (step == 0) {
    const float fixed = slope[0];
    for (int64_t i = 0; i < count; ++i) y[i] = x[i] < 0 ? fixed * x[i] : x[i];
    return;
  }
  for (int64_t i = 0; i < count; ++i) y[i] = x[i] < 0 ? slope[i] * x[i] : x[i];
}

constexpr RowLoops kRowLoops = {.softmax_s8 = softmax_s8,
                                .layer_norm_s8 = layer_norm_s8,
                                .layer_norm_f32 = layer_norm_f32,
                                .prelu_s8 = prelu_s8,
                                .prelu_f32 = prelu_f32};

}  // namespace
}  // namespace espalier::kernels
