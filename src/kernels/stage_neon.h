// Staging of eight-bit maps on NEON (staged_areas_loop.h): bytes as they are, or x - zero_point in int16. Internal
// linkage throughout.
#pragma once

#include <arm_neon.h>

#include <cstdint>
#include <cstring>

namespace espalier::kernels {
namespace {

// The packed bias takes -zero_point * sum(w) along; padding is staged as the zero point.
struct StageBytes {
  using Staged = int8_t;

  static Staged staged_zero(int32_t zero) { return static_cast<Staged>(zero); }
  static void stage(const int8_t* from, Staged* to, int64_t count, int32_t) {
    memcpy(to, from, static_cast<size_t>(count));
  }
};

struct StageWords {
  using Staged = int16_t;

  static Staged staged_zero(int32_t) { return 0; }
  static void stage(const int8_t* from, Staged* to, int64_t count, int32_t zero) {
    // -128 - 127 and 127 + 128 fit into 16 bits, not into 8.
    const int16x8_t zeros = vdupq_n_s16(static_cast<int16_t>(zero));
    int64_t i = 0;
    for (; i + 16 <= count; i += 16) {
      const int8x16_t bytes = vld1q_s8(from + i);
      vst1q_s16(to + i, vsubq_s16(vmovl_s8(vget_low_s8(bytes)), zeros));
      vst1q_s16(to + i + 8, vsubq_s16(vmovl_high_s8(bytes), zeros));
    }
    for (; i < count; ++i) to[i] = static_cast<int16_t>(from[i] - zero);
  }
};

}  // namespace
}  // namespace espalier::kernels
