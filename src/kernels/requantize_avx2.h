// The formula of numerics/requantize.h on eight lanes of AVX2. Internal linkage throughout.
#pragma once

#include <cstdint>
#include <cstring>

#include "numerics/rounding.h"
#include "numerics/simd_x86.h"

namespace espalier::kernels {
namespace {

struct RequantizeAvx2 {
  using Float = __m256;
  using Narrow = __m128i;  // int8 in the low eight bytes

  static Float load_float(const float* from) { return _mm256_loadu_ps(from); }

  // round_to_int of numerics/rounding.h; cvtps rounds half to even in the default mode. Requires: no NaN.
  static __m256i round(Float value) {
    const Float bounded =
        _mm256_max_ps(_mm256_min_ps(value, _mm256_set1_ps(kRoundingBound)), _mm256_set1_ps(-kRoundingBound));
    return _mm256_cvtps_epi32(bounded);
  }
  // clamp(round_half_even(value) + zero, min, max)
  static Narrow narrow(Float value, int32_t zero, int32_t min, int32_t max) {
    __m256i q = _mm256_add_epi32(round(value), _mm256_set1_epi32(zero));
    q = _mm256_min_epi32(_mm256_max_epi32(q, _mm256_set1_epi32(min)), _mm256_set1_epi32(max));
    const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(q), _mm256_extracti128_si256(q, 1));
    return _mm_packs_epi16(words, words);
  }
  static Narrow requantize(__m256i sum, Float multipliers, int32_t zero, int32_t min, int32_t max) {
    return narrow(_mm256_mul_ps(_mm256_cvtepi32_ps(sum), multipliers), zero, min, max);
  }
  static void store(int8_t* to, Narrow value) { _mm_storel_epi64(reinterpret_cast<__m128i*>(to), value); }
  // The first `count` bytes, 0 < count < 8.
  static void store_partial(int8_t* to, Narrow value, int64_t count) {
    alignas(16) int8_t bytes[16];
    _mm_store_si128(reinterpret_cast<__m128i*>(bytes), value);
    memcpy(to, bytes, static_cast<size_t>(count));
  }
};

}  // namespace
}  // namespace espalier::kernels
