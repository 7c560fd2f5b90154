// The formula of numerics/requantize.h on NEON, four or eight lanes. Internal linkage throughout.
//
// fcvtns rounds half to even whatever the mode, and saturates where the norm clamps to its bound; narrowing to 16 bits
// and adding the zero point saturate as well, so what lies beyond eight bits stays beyond.
#pragma once

#include <arm_neon.h>

#include <cstdint>
#include <cstring>

namespace espalier::kernels {
namespace {

static inline int32x4_t scaled_neon(int32x4_t sum, float32x4_t multipliers) {
  return vcvtnq_s32_f32(vmulq_f32(vcvtq_f32_s32(sum), multipliers));
}

// clamp(value + zero, min, max) as bytes
static inline int8x8_t narrow_neon(int16x8_t value, int32_t zero, int32_t min, int32_t max) {
  const int8x8_t bytes = vqmovn_s16(vqaddq_s16(value, vdupq_n_s16(static_cast<int16_t>(zero))));
  return vmin_s8(vmax_s8(bytes, vdup_n_s8(static_cast<int8_t>(min))), vdup_n_s8(static_cast<int8_t>(max)));
}

// Eight lanes in two registers.
static inline int8x8_t requantize_neon(int32x4_t low, int32x4_t high, float32x4_t low_multipliers,
                                       float32x4_t high_multipliers, int32_t zero, int32_t min, int32_t max) {
  const int16x4_t words = vqmovn_s32(scaled_neon(low, low_multipliers));
  return narrow_neon(vqmovn_high_s32(words, scaled_neon(high, high_multipliers)), zero, min, max);
}

// The first `count` bytes, 0 < count < 8.
static inline void store_partial_neon(int8_t* to, int8x8_t value, int64_t count) {
  int8_t bytes[8];
  vst1_s8(bytes, value);
  for (int64_t i = 0; i < count; ++i) to[i] = bytes[i];
}

}  // namespace
}  // namespace espalier::kernels
