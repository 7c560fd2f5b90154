// The affine map between reals and eight bits: real = (q - zero_point) * scale. Same values as ONNX
// QuantizeLinear and DequantizeLinear. Functions are `static inline` for the reason given in rounding.h.
#pragma once

#include <cstdint>

#include "numerics/rounding.h"

namespace espalier {

// q = saturate(round_half_even(real / scale) + zero_point), the quotient rounded to float32.
// A division, not a multiplication by 1/scale: the two differ at ties, and ONNX says division.
// NaN becomes the zero point, infinities saturate. Requires: scale > 0 and finite, -128 <= zero_point <= 127.
static inline int8_t quantize_s8(float real, float scale, int32_t zero_point) {
  return saturate_s8(round_to_int(real / scale) + zero_point);
}

// The same for unsigned tensors, 0 <= zero_point <= 255:
// quantize_u8(x, s, z) = quantize_s8(x, s, z - 128) + 128.
static inline uint8_t quantize_u8(float real, float scale, int32_t zero_point) {
  return saturate_u8(round_to_int(real / scale) + zero_point);
}

// real = float32(q - zero_point) * scale. The difference is exact, the product is rounded once.
static inline float dequantize(int8_t q, float scale, int32_t zero_point) {
  return static_cast<float>(q - zero_point) * scale;
}

static inline float dequantize(uint8_t q, float scale, int32_t zero_point) {
  return static_cast<float>(q - zero_point) * scale;
}

}  // namespace espalier
