// Staging of eight-bit maps as x - zero_point in int16 with AVX2 (staged_areas_loop.h). Internal linkage throughout.
#pragma once

#include <cstdint>

#include "numerics/simd_x86.h"

namespace espalier::kernels {
namespace {

struct StageAvx2 {
  using Staged = int16_t;

  static Staged staged_zero(int32_t) { return 0; }
  static void stage(const int8_t* from, Staged* to, int64_t count, int32_t zero) {
    const __m256i zeros = _mm256_set1_epi16(static_cast<int16_t>(zero));
    int64_t i = 0;
    for (; i + 16 <= count; i += 16) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i));
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + i), _mm256_sub_epi16(_mm256_cvtepi8_epi16(bytes), zeros));
    }
    for (; i < count; ++i) to[i] = static_cast<int16_t>(from[i] - zero);
  }
};

}  // namespace
}  // namespace espalier::kernels
