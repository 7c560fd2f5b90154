// Float primitives of AVX-512 for the loops of kernels/. Internal linkage throughout.
#pragma once

#include <cstdint>

#include "numerics/simd_x86.h"

namespace espalier::kernels {
namespace {

struct Avx512F32 {
  using Vector = __m512;
  static constexpr int kLanes = 16;

  static Vector load(const float* from) { return _mm512_loadu_ps(from); }
  static void store(float* to, Vector value) { _mm512_storeu_ps(to, value); }
  // The first `count` lanes, 0 < count < 16; others read as 0.
  static Vector load_partial(const float* from, int64_t count) { return _mm512_maskz_loadu_ps(mask(count), from); }
  static void store_partial(float* to, Vector value, int64_t count) { _mm512_mask_storeu_ps(to, mask(count), value); }
  static Vector broadcast(const float* from) { return _mm512_set1_ps(*from); }
  static Vector fma(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a, b, c); }
  // max(a, b) is a > b ? a : b, so a value that equals a bound or is NaN stays itself.
  static Vector clamp(Vector value, float min, float max) {
    return _mm512_min_ps(_mm512_set1_ps(max), _mm512_max_ps(_mm512_set1_ps(min), value));
  }

 private:
  static __mmask16 mask(int64_t count) { return static_cast<__mmask16>((1u << count) - 1); }
};

}  // namespace
}  // namespace espalier::kernels
