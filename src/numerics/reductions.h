// Softmax, layer norm and averages on integers: exact integer sums, then one short float32 formula. The order
// of an integer sum cannot matter, so these are free to be vectorised and threaded. Tables: tables.h.
// Functions are `static inline` for the reason given in rounding.h; no step is fused.
#pragma once

#include <cstdint>

#include "numerics/float_sum.h"
#include "numerics/rounding.h"

namespace espalier {

// ---- softmax ----
// Per row: max = max(q); e = table[max - q] (softmax_table of tables.h); sum = int64 sum of e;
//   q_out = saturate(round_half_even(float32(e) / (float32(sum) * output_scale)) + zero_point)
// The output scale joins the denominator, which is one per row: one division per element.
static inline float softmax_denominator(int64_t sum, float output_scale) {
  return static_cast<float>(sum) * output_scale;
}

// Requires: denominator > 0. Table entries are at most 2^30, so a signed conversion of them is right as well.
static inline int8_t softmax_element(uint32_t exponential, float denominator, int32_t zero_point) {
  const float quotient = static_cast<float>(exponential) / denominator;
  return saturate_s8(round_to_int(quotient) + zero_point);
}

// ---- mean, variance, layer norm ----
struct RowMoments {
  float mean = 0;               // in units of q for integers; the zero point and the scale are not applied
  float inverse_deviation = 0;  // 1 / sqrt(variance + epsilon)
};

// variance = float32(count * sum(q^2) - sum(q)^2) / float32(count^2), the difference exact in int64.
// Subtracting before converting is what saves the digits: in float32 the two products cancel.
// Requires: 0 < count < 2^24, so that count * sum(q^2) <= count^2 * 2^14 < 2^63.
static inline float variance_of_integers(int64_t sum, int64_t sum_of_squares, int64_t count) {
  return static_cast<float>(count * sum_of_squares - sum * sum) / static_cast<float>(count * count);
}

// epsilon / input_scale^2, the epsilon of layer norm in units of q^2. Each step rounded to float32.
static inline float epsilon_in_integers(float epsilon, float input_scale) {
  return epsilon / (input_scale * input_scale);
}

// mean = float32(sum) / float32(count); inverse_deviation = 1 / sqrt(variance + epsilon_q), with IEEE sqrt
// and division.
static inline RowMoments moments_of_integers(int64_t sum, int64_t sum_of_squares, int64_t count, float epsilon_q) {
  const float variance = variance_of_integers(sum, sum_of_squares, count);
  return {static_cast<float>(sum) / static_cast<float>(count), 1.0f / __builtin_sqrtf(variance + epsilon_q)};
}

//   q_out = saturate(round_half_even(((float32(q) - mean) * inverse_deviation) * gamma + beta) + zero_point)
// where gamma and beta are already divided by the output scale. The input's zero point and scale cancel.
// A constant row with epsilon 0 is 0 * infinity, NaN, which becomes the zero point; a vector kernel must see
// to it.
static inline int8_t layer_norm_element(int32_t q, RowMoments row, float gamma, float beta, int32_t zero_point) {
  const float normalized = (static_cast<float>(q) - row.mean) * row.inverse_deviation;
  const float scaled = normalized * gamma;
  return saturate_s8(round_to_int(scaled + beta) + zero_point);
}

// The same for floats: mean = sum(x) / n, variance = sum((x - mean)^2) / n, both sums in the order of
// float_sum.h, each difference and square rounded to float32 first.
static inline RowMoments moments_of_floats(const float* values, int64_t count, float epsilon) {
  const float n = static_cast<float>(count);
  const float mean = sum_f32(values, count) / n;
  const float squares = sum_of_terms(count, [values, mean](int64_t i) {
    const float difference = values[i] - mean;
    return difference * difference;
  });
  return {mean, 1.0f / __builtin_sqrtf(squares / n + epsilon)};
}

// ---- average pool, global average, mean ----
//   average = float32(sum - count * input_zero_point) / float32(count)
//   q_out = clamp(round_half_even(average * multiplier) + zero_point, min, max)
// with multiplier = input_scale / output_scale. `sum` is the int64 sum of the q that are no padding, `count`
// their number. The division comes first: with equal scales the quotient alone is rounded and ties stay ties.
// Requires: count > 0, -128 <= min <= max <= 127.
static inline int8_t average_element(int64_t sum, int64_t count, int32_t input_zero_point, float multiplier,
                                     int32_t zero_point, int32_t min = -128, int32_t max = 127) {
  const float average = static_cast<float>(sum - count * input_zero_point) / static_cast<float>(count);
  return static_cast<int8_t>(clamp(round_to_int(average * multiplier) + zero_point, min, max));
}

}  // namespace espalier
