// Half floats of float16.h: sign 1 bit, exponent 5 bits with bias 15, fraction 10 bits.
#include "numerics/float16.h"

#include <bit>

namespace espalier {
namespace {

constexpr uint32_t kInfinity32 = 0x7f800000;
constexpr uint32_t kOverflow = 0x477ff000;        // 65520: halfway between the largest half float and 2^16
constexpr uint32_t kSmallestNormal = 0x38800000;  // 2^-14
constexpr uint32_t kUnderflow = 0x33000000;       // 2^-25: halfway between 0 and the smallest half float; 0 is even
constexpr uint32_t kRebias = (127 - 15) << 23;

// value / 2^shift, ties to even. Requires: 1 <= shift <= 31 and room for the carry.
uint32_t shift_half_even(uint32_t value, uint32_t shift) {
  const uint32_t odd = (value >> shift) & 1;
  const uint32_t below_half = (uint32_t{1} << (shift - 1)) - 1;
  return (value + below_half + odd) >> shift;
}

}  // namespace

uint16_t f16_from_f32(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const uint32_t sign = (bits >> 16) & 0x8000;
  const uint32_t magnitude = bits & 0x7fffffff;
  uint32_t half = 0;
  if (magnitude > kInfinity32) {
    half = 0x7e00 | ((magnitude >> 13) & 0x3ff);
  } else if (magnitude >= kOverflow) {
    half = 0x7c00;
  } else if (magnitude >= kSmallestNormal) {
    // A carry out of the fraction goes into the exponent, which is the right result.
    half = shift_half_even(magnitude - kRebias, 13);
  } else if (magnitude > kUnderflow) {
    // fraction * 2^(exponent - 150) in units of 2^-24, the step of subnormal half floats.
    const uint32_t exponent = magnitude >> 23;
    const uint32_t fraction = (magnitude & 0x7fffff) | 0x800000;
    half = shift_half_even(fraction, 126 - exponent);
  }
  return static_cast<uint16_t>(sign | half);
}

float f32_from_f16(uint16_t bits) {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000) << 16;
  const uint32_t exponent = (bits >> 10) & 0x1f;
  const uint32_t fraction = bits & 0x3ff;
  uint32_t magnitude = 0;
  if (exponent == 0x1f) {
    magnitude = kInfinity32 | (fraction << 13) | (fraction != 0 ? 0x400000 : 0);
  } else if (exponent != 0) {
    magnitude = ((exponent << 23) | (fraction << 13)) + kRebias;
  } else if (fraction != 0) {
    // fraction * 2^-24 with its leading one at bit `top`: a normal float.
    const uint32_t top = 31 - static_cast<uint32_t>(std::countl_zero(fraction));
    magnitude = ((top - 24 + 127) << 23) | ((fraction << (23 - top)) & 0x7fffff);
  }
  return std::bit_cast<float>(sign | magnitude);
}

}  // namespace espalier
