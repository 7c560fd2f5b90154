// sigmoid, silu, tanh and softmax for AVX2: four float64 lanes.
#include "kernels/exponential_f32_loop.h"
#include "numerics/simd_x86.h"

namespace espalier::kernels {
namespace {

struct Simd {
  using Vector = __m256d;
  using Mask = __m256d;
  static constexpr int kLanes = 4;

  static Vector load(const float* from) { return _mm256_cvtps_pd(_mm_loadu_ps(from)); }
  static void store(float* to, Vector value) { _mm_storeu_ps(to, _mm256_cvtpd_ps(value)); }
  static Vector set(double value) { return _mm256_set1_pd(value); }
  static Vector add(Vector a, Vector b) { return _mm256_add_pd(a, b); }
  static Vector sub(Vector a, Vector b) { return _mm256_sub_pd(a, b); }
  static Vector mul(Vector a, Vector b) { return _mm256_mul_pd(a, b); }
  static Vector div(Vector a, Vector b) { return _mm256_div_pd(a, b); }
  static Vector fma(Vector a, Vector b, Vector c) { return _mm256_fmadd_pd(a, b, c); }
  static Vector min(Vector a, Vector b) { return _mm256_min_pd(a, b); }
  static Vector max(Vector a, Vector b) { return _mm256_max_pd(a, b); }
  static Vector round(Vector a) { return _mm256_round_pd(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
  static Vector power_of_two(Vector exponent) {
    const __m256i whole = _mm256_cvtepi32_epi64(_mm256_cvtpd_epi32(exponent));
    return _mm256_castsi256_pd(_mm256_slli_epi64(_mm256_add_epi64(whole, _mm256_set1_epi64x(1023)), 52));
  }
  static Vector absolute(Vector a) { return _mm256_andnot_pd(set(-0.0), a); }
  static Mask is_negative(Vector a) { return _mm256_cmp_pd(a, set(0), _CMP_LT_OQ); }
  static Vector select(Mask mask, Vector a, Vector b) { return _mm256_blendv_pd(b, a, mask); }
  static Vector copy_sign(Vector magnitude, Vector sign) {
    return _mm256_or_pd(absolute(magnitude), _mm256_and_pd(set(-0.0), sign));
  }
};

}  // namespace

const ExponentialLoops exponential_loops_avx2 = Exponentials<Simd>::kLoops;

}  // namespace espalier::kernels
