// sigmoid, silu, tanh and softmax for NEON of any AArch64 processor: two float64 lanes.
#include <arm_neon.h>

#include "kernels/exponential_f32_loop.h"

namespace espalier::kernels {
namespace {

struct Simd {
  using Vector = float64x2_t;
  using Mask = uint64x2_t;
  static constexpr int kLanes = 2;

  static Vector load(const float* from) { return vcvt_f64_f32(vld1_f32(from)); }
  static void store(float* to, Vector value) { vst1_f32(to, vcvt_f32_f64(value)); }
  static Vector set(double value) { return vdupq_n_f64(value); }
  static Vector add(Vector a, Vector b) { return vaddq_f64(a, b); }
  static Vector sub(Vector a, Vector b) { return vsubq_f64(a, b); }
  static Vector mul(Vector a, Vector b) { return vmulq_f64(a, b); }
  static Vector div(Vector a, Vector b) { return vdivq_f64(a, b); }
  static Vector fma(Vector a, Vector b, Vector c) { return vfmaq_f64(c, a, b); }
  // Selections and not fmin, fmax, so that a NaN passes through as b.
  static Vector min(Vector a, Vector b) { return vbslq_f64(vcltq_f64(a, b), a, b); }
  static Vector max(Vector a, Vector b) { return vbslq_f64(vcgtq_f64(a, b), a, b); }
  static Vector round(Vector a) { return vrndnq_f64(a); }
  static Vector power_of_two(Vector exponent) {
    return vreinterpretq_f64_s64(vshlq_n_s64(vaddq_s64(vcvtnq_s64_f64(exponent), vdupq_n_s64(1023)), 52));
  }
  static Vector absolute(Vector a) { return vabsq_f64(a); }
  static Mask is_negative(Vector a) { return vcltzq_f64(a); }
  static Vector select(Mask mask, Vector a, Vector b) { return vbslq_f64(mask, a, b); }
  static Vector copy_sign(Vector magnitude, Vector sign) {
    return vbslq_f64(vdupq_n_u64(uint64_t{1} << 63), sign, magnitude);
  }
};

}  // namespace

const ExponentialLoops exponential_loops_neon = Exponentials<Simd>::kLoops;

}  // namespace espalier::kernels
