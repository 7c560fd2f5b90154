// The formula of numerics/requantize.h on sixteen lanes of AVX-512. Internal linkage throughout.
#pragma once

#include <cstdint>
#include <cstring>

#include "numerics/rounding.h"
#include "numerics/simd_x86.h"

namespace espalier::kernels {
namespace {

struct RequantizeAvx512 {
  using Float = __m512;
  using Narrow = __m128i;  // 16 int8

  static Float load_float(const float* from) { return _mm512_loadu_ps(from); }

  // round_to_int of numerics/rounding.h; cvtps rounds half to even in the default mode. Requires: no NaN.
  static __m512i round(Float value) {
    const Float bounded =
        _mm512_max_ps(_mm512_min_ps(value, _mm512_set1_ps(kRoundingBound)), _mm512_set1_ps(-kRoundingBound));
    return _mm512_cvtps_epi32(bounded);
  }
  // clamp(round_half_even(value) + zero, min, max)
  static Narrow narrow(Float value, int32_t zero, int32_t min, int32_t max) {
    __m512i q = _mm512_add_epi32(round(value), _mm512_set1_epi32(zero));
    q = _mm512_min_epi32(_mm512_max_epi32(q, _mm512_set1_epi32(min)), _mm512_set1_epi32(max));
    return _mm512_cvtsepi32_epi8(q);  // in range, so that it saturates nothing; SIMDe lacks cvtepi32_epi8
  }
  static Narrow requantize(__m512i sum, Float multipliers, int32_t zero, int32_t min, int32_t max) {
    return narrow(_mm512_mul_ps(_mm512_cvtepi32_ps(sum), multipliers), zero, min, max);
  }
  static void store(int8_t* to, Narrow value) { _mm_storeu_si128(reinterpret_cast<__m128i*>(to), value); }
  // The first `count` bytes, 0 < count < 16. SIMDe has no masked store of bytes.
  static void store_partial(int8_t* to, Narrow value, int64_t count) {
    alignas(16) int8_t bytes[16];
    _mm_store_si128(reinterpret_cast<__m128i*>(bytes), value);
    memcpy(to, bytes, static_cast<size_t>(count));
  }
};

}  // namespace
}  // namespace espalier::kernels
