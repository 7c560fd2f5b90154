// Float primitives of NEON for the loops of kernels/. Internal linkage throughout.
#pragma once

#include <arm_neon.h>

#include <cstdint>

namespace espalier::kernels {
namespace {

struct NeonF32 {
  using Vector = float32x4_t;
  static constexpr int kLanes = 4;

  static Vector load(const float* from) { return vld1q_f32(from); }
  static void store(float* to, Vector value) { vst1q_f32(to, value); }
  // The first `count` lanes, 0 < count < 4; others read as 0.
  static Vector load_partial(const float* from, int64_t count) {
    float lanes[kLanes] = {};
    for (int64_t i = 0; i < count; ++i) lanes[i] = from[i];
    return vld1q_f32(lanes);
  }
  static void store_partial(float* to, Vector value, int64_t count) {
    float lanes[kLanes];
    vst1q_f32(lanes, value);
    for (int64_t i = 0; i < count; ++i) to[i] = lanes[i];
  }
  static Vector broadcast(const float* from) { return vld1q_dup_f32(from); }
  static Vector fma(Vector a, Vector b, Vector c) { return vfmaq_f32(c, a, b); }
  // Selections and not fmax, fmin, so that a value that equals a bound or is NaN stays itself.
  static Vector clamp(Vector value, float min, float max) {
    const Vector low = vdupq_n_f32(min);
    const Vector high = vdupq_n_f32(max);
    const Vector raised = vbslq_f32(vcltq_f32(value, low), low, value);
    return vbslq_f32(vcgtq_f32(raised, high), high, raised);
  }
};

}  // namespace
}  // namespace espalier::kernels
