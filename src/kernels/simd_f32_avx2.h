// Float primitives of AVX2 with FMA for the loops of kernels/. Internal linkage throughout.
#pragma once

#include <cstdint>

#include "numerics/simd_x86.h"

namespace espalier::kernels {
namespace {

struct Avx2F32 {
  using Vector = __m256;
  static constexpr int kLanes = 8;

  static Vector load(const float* from) { return _mm256_loadu_ps(from); }
  static void store(float* to, Vector value) { _mm256_storeu_ps(to, value); }
  // The first `count` lanes, 0 < count < 8; others read as 0.
  static Vector load_partial(const float* from, int64_t count) { return _mm256_maskload_ps(from, mask(count)); }
  static void store_partial(float* to, Vector value, int64_t count) { _mm256_maskstore_ps(to, mask(count), value); }
  static Vector broadcast(const float* from) { return _mm256_broadcast_ss(from); }
  static Vector fma(Vector a, Vector b, Vector c) { return _mm256_fmadd_ps(a, b, c); }
  // max(a, b) is a > b ? a : b, so a value that equals a bound or is NaN stays itself.
  static Vector clamp(Vector value, float min, float max) {
    return _mm256_min_ps(_mm256_set1_ps(max), _mm256_max_ps(_mm256_set1_ps(min), value));
  }

 private:
  static __m256i mask(int64_t count) {
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), lane);
  }
};

}  // namespace
}  // namespace espalier::kernels
