// From the int32 sum of a product to the eight bits of the next tensor. Functions are `static inline` for the
// reason given in rounding.h.
#pragma once

#include <cstdint>

#include "numerics/quantize.h"
#include "numerics/rounding.h"

namespace espalier {

// m = (input_scale * weight_scale) / output_scale, both steps rounded to float32: the order and the precision
// of ONNX QLinearConv. Requires of its user: the result is finite.
static inline float requantize_multiplier(float input_scale, float weight_scale, float output_scale) {
  const float product = input_scale * weight_scale;
  return product / output_scale;
}

// Inclusive bounds of the output integers; a fused activation narrows them.
struct OutputRange {
  int32_t min = -128;
  int32_t max = 127;
};

// The integers that a clamp of the reals to [real_min, real_max] leaves: relu is
// (0, infinity), relu6 is (0, 6). Clamping after rounding equals clamping before it, because rounding never
// changes an order.
static inline OutputRange activation_range(float real_min, float real_max, float scale, int32_t zero_point) {
  return {quantize_s8(real_min, scale, zero_point), quantize_s8(real_max, scale, zero_point)};
}

// q = clamp(saturate(round_half_even(clamp(float32(acc) * m)) + zero_point), min, max)
// Every step is rounded to float32, and none is fused: fma(acc, m, zero_point) would round once where the
// norm rounds twice. float32(acc) is inexact above 2^24; it rounds half to even, as cvtsi2ss, cvtdq2ps and
// scvtf do. The inner clamp is kRoundingBound of rounding.h.
// Requires: m is finite, -128 <= min <= max <= 127.
static inline int8_t requantize(int32_t acc, float multiplier, int32_t zero_point, int32_t min, int32_t max) {
  const float scaled = static_cast<float>(acc) * multiplier;
  // min and max lie inside the range of int8, so one clamp is also the saturation.
  return static_cast<int8_t>(clamp(round_to_int(scaled) + zero_point, min, max));
}

static inline int8_t requantize(int32_t acc, float multiplier, int32_t zero_point, OutputRange range = {}) {
  return requantize(acc, multiplier, zero_point, range.min, range.max);
}

}  // namespace espalier
