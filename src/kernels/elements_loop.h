// Loops over runs of elements in plain C++ that compilers vectorise: no branches, no aliases, steps known to be 0 or 1.
// Everything here has internal linkage; each instruction set compiles it with its own flags.
#pragma once

#include "kernels/elements.h"
#include "numerics/rounding.h"

namespace espalier::kernels {
namespace {

// clamp(round_half_even(value) + zero, min, max), for the bound of numerics/rounding.h. Adding 1.5 * 2^23 rounds half
// to even, for below 2^22 the sum has no fraction; its bits then hold the integer. Requires: value is not NaN.
[[gnu::always_inline]] inline int8_t round_to_s8(float value, int32_t zero, int32_t min, int32_t max) {
  const float rounded = clamp(value, -kRoundingBound, kRoundingBound) + 0x1.8p23f;
  const int32_t q = __builtin_bit_cast(int32_t, rounded) - __builtin_bit_cast(int32_t, 0x1.8p23f) + zero;
  return static_cast<int8_t>(clamp(q, min, max));
}

// Three loops instead of a step in the index, which would keep the compiler from vectorising.
template <class T, class Combine>
[[gnu::always_inline]] inline void for_pairs(const T* __restrict a, int64_t a_step, const T* __restrict b,
                                             int64_t b_step, T* __restrict y, int64_t count, Combine combine) {
  if (a_step == 0) {
    const T fixed = a[0];
    for (int64_t i = 0; i < count; ++i) y[i] = combine(fixed, b[i]);
  } else if (b_step == 0) {
    const T fixed = b[0];
    for (int64_t i = 0; i < count; ++i) y[i] = combine(a[i], fixed);
  } else {
    for (int64_t i = 0; i < count; ++i) y[i] = combine(a[i], b[i]);
  }
}

// ---- integers ----
static void add_s8(const int8_t* a, int64_t a_step, const int8_t* b, int64_t b_step, int8_t* y, int64_t count,
                   const Rescale& rescale) {
  const Rescale r = rescale;
  for_pairs(a, a_step, b, b_step, y, count, [r](int8_t qa, int8_t qb) {
    const float real_a = static_cast<float>(qa - r.zero_a) * r.multiplier_a;
    const float real_b = static_cast<float>(qb - r.zero_b) * r.multiplier_b;
    return round_to_s8(real_a + real_b, r.output_zero, r.min, r.max);
  });
}

static void sub_s8(const int8_t* a, int64_t a_step, const int8_t* b, int64_t b_step, int8_t* y, int64_t count,
                   const Rescale& rescale) {
  const Rescale r = rescale;
  for_pairs(a, a_step, b, b_step, y, count, [r](int8_t qa, int8_t qb) {
    const float real_a = static_cast<float>(qa - r.zero_a) * r.multiplier_a;
    const float real_b = static_cast<float>(qb - r.zero_b) * r.multiplier_b;
    return round_to_s8(real_a - real_b, r.output_zero, r.min, r.max);
  });
}

static void mul_s8(const int8_t* a, int64_t a_step, const int8_t* b, int64_t b_step, int8_t* y, int64_t count,
                   const Rescale& rescale) {
  const Rescale r = rescale;
  for_pairs(a, a_step, b, b_step, y, count, [r](int8_t qa, int8_t qb) {
    const auto product = static_cast<float>((qa - r.zero_a) * (qb - r.zero_b));
    return round_to_s8(product * r.multiplier_a, r.output_zero, r.min, r.max);
  });
}

static void rescale_s8(const int8_t* __restrict x, int8_t* __restrict y, int64_t count, const Rescale& rescale) {
  const Rescale r = rescale;
  for (int64_t i = 0; i < count; ++i)
    y[i] = round_to_s8(static_cast<float>(x[i] - r.zero_a) * r.multiplier_a, r.output_zero, r.min, r.max);
}

static void quantize_f32(const float* __restrict x, int8_t* __restrict y, int64_t count, float scale, int32_t zero) {
  for (int64_t i = 0; i < count; ++i) {
    const float quotient = x[i] / scale;
    y[i] = round_to_s8(quotient != quotient ? 0.0f : quotient, zero, -128, 127);
  }
}

static void dequantize_s8(const int8_t* __restrict x, float* __restrict y, int64_t count, float scale, int32_t zero) {
  for (int64_t i = 0; i < count; ++i) y[i] = static_cast<float>(x[i] - zero) * scale;
}

static void table_s8(const int8_t* __restrict x, const int8_t* __restrict entries, int8_t* __restrict y,
                     int64_t count) {
  for (int64_t i = 0; i < count; ++i) y[i] = entries[x[i] + 128];
}

static void max_s8(const int8_t* __restrict x, int8_t* __restrict y, int64_t count) {
  for (int64_t i = 0; i < count; ++i) y[i] = x[i] > y[i] ? x[i] : y[i];
}

static void sum_s8(const int8_t* __restrict x, int32_t* __restrict sums, int64_t count) {
  for (int64_t i = 0; i < count; ++i) sums[i] += x[i];
}

static void average_s8(const int32_t* __restrict sums, int8_t* __restrict y, int64_t count, int32_t offset,
                       float divisor, const Rescale& rescale) {
  const Rescale r = rescale;
  for (int64_t i = 0; i < count; ++i) {
    const float average = static_cast<float>(sums[i] - offset) / divisor;
    y[i] = round_to_s8(average * r.multiplier_a, r.output_zero, r.min, r.max);
  }
}

// top = a + (b - a) * wx, bottom likewise, top + (bottom - top) * wy; every step rounded to float32.
[[gnu::always_inline]] inline float interpolate(float a, float b, float c, float d, float wx, float wy) {
  const float top_step = (b - a) * wx;
  const float bottom_step = (d - c) * wx;
  const float top = a + top_step;
  const float bottom = c + bottom_step;
  const float step = (bottom - top) * wy;
  return top + step;
}

static void interpolate_s8(const int8_t* __restrict a, const int8_t* __restrict b, const int8_t* __restrict c,
                           const int8_t* __restrict d, float wx, float wy, int32_t zero, int8_t* __restrict y,
                           int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    const float value = interpolate(static_cast<float>(a[i] - zero), static_cast<float>(b[i] - zero),
                                    static_cast<float>(c[i] - zero), static_cast<float>(d[i] - zero), wx, wy);
    y[i] = round_to_s8(value, zero, -128, 127);
  }
}

// ---- floats ----
static void interpolate_f32(const float* __restrict a, const float* __restrict b, const float* __restrict c,
                            const float* __restrict d, float wx, float wy, float* __restrict y, int64_t count) {
  for (int64_t i = 0; i < count; ++i) y[i] = interpolate(a[i], b[i], c[i], d[i], wx, wy);
}

static void add_f32(const float* a, int64_t a_step, const float* b, int64_t b_step, float* y, int64_t count,
                    TwoFloats range) {
  for_pairs(a, a_step, b, b_step, y, count,
            [range](float p, float q) { return clamp(p + q, range.first, range.second); });
}
static void sub_f32(const float* a, int64_t a_step, const float* b, int64_t b_step, float* y, int64_t count,
                    TwoFloats) {
  for_pairs(a, a_step, b, b_step, y, count, [](float p, float q) { return p - q; });
}
static void mul_f32(const float* a, int64_t a_step, const float* b, int64_t b_step, float* y, int64_t count,
                    TwoFloats) {
  for_pairs(a, a_step, b, b_step, y, count, [](float p, float q) { return p * q; });
}
static void div_f32(const float* a, int64_t a_step, const float* b, int64_t b_step, float* y, int64_t count,
                    TwoFloats) {
  for_pairs(a, a_step, b, b_step, y, count, [](float p, float q) { return p / q; });
}

static void relu_f32(const float* __restrict x, float* __restrict y, int64_t count, TwoFloats) {
  for (int64_t i = 0; i < count; ++i) y[i] = x[i] < 0 ? 0 : x[i];
}
static void clip_f32(const float* __restrict x, float* __restrict y, int64_t count, TwoFloats range) {
  for (int64_t i = 0; i < count; ++i) y[i] = clamp(x[i], range.first, range.second);
}
static void leaky_relu_f32(const float* __restrict x, float* __restrict y, int64_t count, TwoFloats alpha) {
  for (int64_t i = 0; i < count; ++i) y[i] = x[i] < 0 ? alpha.first * x[i] : x[i];
}
static void hard_sigmoid_f32(const float* __restrict x, float* __restrict y, int64_t count, TwoFloats line) {
  for (int64_t i = 0; i < count; ++i) {
    const float product = line.first * x[i];
    y[i] = clamp(product + line.second, 0.0f, 1.0f);
  }
}
static void hard_swish_f32(const float* __restrict x, float* __restrict y, int64_t count, TwoFloats) {
  for (int64_t i = 0; i < count; ++i) {
    const float product = (1.0f / 6.0f) * x[i];
    y[i] = x[i] * clamp(product + 0.5f, 0.0f, 1.0f);
  }
}

static void max_f32(const float* __restrict x, float* __restrict y, int64_t count) {
  for (int64_t i = 0; i < count; ++i) y[i] = x[i] > y[i] ? x[i] : y[i];
}
static void sum_f32_runs(const float* __restrict x, float* __restrict sums, int64_t count) {
  for (int64_t i = 0; i < count; ++i) sums[i] += x[i];
}
static void divide_f32(float* y, int64_t count, float divisor) {
  for (int64_t i = 0; i < count; ++i) y[i] = y[i] / divisor;
}

// The order of numerics/float_sum.h for `width` channels side by side.
template <int width>
[[gnu::always_inline]] inline void mean_of_channels(const float* __restrict x, int64_t pixels, int64_t stride,
                                                    float* __restrict y) {
  float lanes[16][width] = {};
  for (int64_t i = 0; i < pixels; ++i)
    for (int c = 0; c < width; ++c) lanes[i % 16][c] += x[i * stride + c];
  for (int half = 8; half >= 1; half /= 2)
    for (int i = 0; i < half; ++i)
      for (int c = 0; c < width; ++c) lanes[i][c] += lanes[i + half][c];
  for (int c = 0; c < width; ++c) y[c] = lanes[0][c] / static_cast<float>(pixels);
}
static void mean_f32(const float* x, int64_t pixels, int64_t stride, float* y, int64_t count) {
  int64_t c = 0;
  for (; c + 16 <= count; c += 16) mean_of_channels<16>(x + c, pixels, stride, y + c);
  for (; c < count; ++c) mean_of_channels<1>(x + c, pixels, stride, y + c);
}

constexpr ElementLoops kElementLoops = {.add_s8 = add_s8,
                                        .sub_s8 = sub_s8,
                                        .mul_s8 = mul_s8,
                                        .add_f32 = add_f32,
                                        .sub_f32 = sub_f32,
                                        .mul_f32 = mul_f32,
                                        .div_f32 = div_f32,
                                        .relu_f32 = relu_f32,
                                        .clip_f32 = clip_f32,
                                        .leaky_relu_f32 = leaky_relu_f32,
                                        .hard_sigmoid_f32 = hard_sigmoid_f32,
                                        .hard_swish_f32 = hard_swish_f32,
                                        .rescale_s8 = rescale_s8,
                                        .quantize_f32 = quantize_f32,
                                        .dequantize_s8 = dequantize_s8,
                                        .table_s8 = table_s8,
                                        .max_s8 = max_s8,
                                        .max_f32 = max_f32,
                                        .sum_s8 = sum_s8,
                                        .sum_f32 = sum_f32_runs,
                                        .average_s8 = average_s8,
                                        .divide_f32 = divide_f32,
                                        .interpolate_s8 = interpolate_s8,
                                        .interpolate_f32 = interpolate_f32,
                                        .mean_f32 = mean_f32};

}  // namespace
}  // namespace espalier::kernels
