// Rounding half to even, clamping and saturation: how a number of the norm becomes an integer of eight bits.
//
// Linkage: kernel files are compiled for instruction sets that the machine may lack, and they include this
// header. Were these functions plain `inline`, the linker would keep one copy for the whole program, perhaps
// the AVX-512 one. So every function of the numerics headers that such files include is `static inline`, and
// calls compiler builtins instead of the inline functions of the standard library.
#pragma once

#include <cstdint>

namespace espalier {

static inline int32_t clamp(int32_t value, int32_t low, int32_t high) {
  return value < low ? low : (value > high ? high : value);
}

// NaN passes through.
static inline float clamp(float value, float low, float high) {
  return value < low ? low : (value > high ? high : value);
}

static inline double clamp(double value, double low, double high) {
  return value < low ? low : (value > high ? high : value);
}

static inline int8_t saturate_s8(int32_t value) { return static_cast<int8_t>(clamp(value, -128, 127)); }
static inline uint8_t saturate_u8(int32_t value) { return static_cast<uint8_t>(clamp(value, 0, 255)); }

// The nearest integer, of two equally near the even one; the sign of a zero is kept, NaN and infinities pass
// through. Equals std::nearbyint, and like it expects the processor's default rounding mode, which the
// library never changes. Floats of at least 2^23 have no fraction. Below it, x + 2^23 has none either: the
// addition itself rounds half to even.
static inline float round_half_even(float value) {
  const float magnitude = __builtin_fabsf(value);
  if (!(magnitude < 0x1p23f)) return value;
  return __builtin_copysignf((magnitude + 0x1p23f) - 0x1p23f, value);
}

static inline double round_half_even(double value) {
  const double magnitude = __builtin_fabs(value);
  if (!(magnitude < 0x1p52)) return value;
  return __builtin_copysign((magnitude + 0x1p52) - 0x1p52, value);
}

// Beyond this bound every rounded value saturates: |zero_point| <= 255 cannot bring 65536 back into eight
// bits. Values are clamped to it before they become integers, so that the conversion is defined, is the one
// of cvtps_epi32 and of fcvtns, and never changes a result. A kernel may use another bound of at least 512.
inline constexpr float kRoundingBound = 65536.0f;

// round_half_even(clamp(value)) as an integer. NaN becomes 0: the conversion must be defined for every input.
static inline int32_t round_to_int(float value) {
  if (value != value) return 0;
  return static_cast<int32_t>(round_half_even(clamp(value, -kRoundingBound, kRoundingBound)));
}

static inline int32_t round_to_int(double value) {
  if (value != value) return 0;
  return static_cast<int32_t>(round_half_even(clamp(value, -double{kRoundingBound}, double{kRoundingBound})));
}

}  // namespace espalier
