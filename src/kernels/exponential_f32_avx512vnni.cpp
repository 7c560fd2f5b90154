// sigmoid, silu, tanh and softmax for AVX-512: eight float64 lanes.
#include "kernels/exponential_f32_loop.h"
#include "numerics/simd_x86.h"

namespace espalier::kernels {
namespace {

struct Simd {
  using Vector = __m512d;
  using Mask = __mmask8;
  static constexpr int kLanes = 8;

  static Vector load(const float* from) { return _mm512_cvtps_pd(_mm256_loadu_ps(from)); }
  static void store(float* to, Vector value) { _mm256_storeu_ps(to, _mm512_cvtpd_ps(value)); }
  static Vector set(double value) { return _mm512_set1_pd(value); }
  static Vector add(Vector a, Vector b) { return _mm512_add_pd(a, b); }
  static Vector sub(Vector a, Vector b) { return _mm512_sub_pd(a, b); }
  static Vector mul(Vector a, Vector b) { return _mm512_mul_pd(a, b); }
  static Vector div(Vector a, Vector b) { return _mm512_div_pd(a, b); }
  static Vector fma(Vector a, Vector b, Vector c) { return _mm512_fmadd_pd(a, b, c); }
  static Vector min(Vector a, Vector b) { return _mm512_min_pd(a, b); }
  static Vector max(Vector a, Vector b) { return _mm512_max_pd(a, b); }
  static Vector round(Vector a) { return _mm512_roundscale_pd(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
  static Vector power_of_two(Vector exponent) {
    const __m512i whole = _mm512_cvtepi32_epi64(_mm512_cvtpd_epi32(exponent));
    return _mm512_castsi512_pd(_mm512_slli_epi64(_mm512_add_epi64(whole, _mm512_set1_epi64(1023)), 52));
  }
  static Vector absolute(Vector a) { return _mm512_andnot_pd(set(-0.0), a); }
  static Mask is_negative(Vector a) { return _mm512_cmp_pd_mask(a, set(0), _CMP_LT_OQ); }
  static Vector select(Mask mask, Vector a, Vector b) { return _mm512_mask_blend_pd(mask, b, a); }
  static Vector copy_sign(Vector magnitude, Vector sign) {
    return _mm512_or_pd(absolute(magnitude), _mm512_and_pd(set(-0.0), sign));
  }
};

}  // namespace

const ExponentialLoops exponential_loops_avx512vnni = Exponentials<Simd>::kLoops;

}  // namespace espalier::kernels
