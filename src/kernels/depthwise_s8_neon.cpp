// The loop of depthwise_s8 for NEON of any AArch64 processor: eight channels, one per lane of int16.
//
//   a = tap 2i       a0 .. a3 | a4 .. a7       smlal   low  += (a0 .. a3) * (w0 .. w3)
//   w = its weights  w0 .. w3 | w4 .. w7       smlal2  high += (a4 .. a7) * (w4 .. w7)     then tap 2i + 1
//
// The weights of the two taps lie interleaved in memory; ld2 takes them apart. P = 4: 8 sums, 2 weights, 2 taps.
#include "kernels/depthwise_s8_loop.h"
#include "kernels/requantize_neon.h"
#include "kernels/stage_neon.h"

namespace espalier::kernels {
namespace {

struct Simd : StageWords {
  using Vector = int32x4_t;
  using Float = float32x4_t;
  using Taps = int16x8_t;
  using Weights = int16x8x2_t;
  static constexpr int kChannels = 8;

  static Taps load_taps(const int16_t* from) { return vld1q_s16(from); }
  static Weights load_weights(const int16_t* from) { return vld2q_s16(from); }
  static Vector load32(const int32_t* from) { return vld1q_s32(from); }
  static Float load_float(const float* from) { return vld1q_f32(from); }
  static Vector add_low(Vector sums, Taps a, Taps b, const Weights& w) {
    const Vector first = vmlal_s16(sums, vget_low_s16(a), vget_low_s16(w.val[0]));
    return vmlal_s16(first, vget_low_s16(b), vget_low_s16(w.val[1]));
  }
  static Vector add_high(Vector sums, Taps a, Taps b, const Weights& w) {
    return vmlal_high_s16(vmlal_high_s16(sums, a, w.val[0]), b, w.val[1]);
  }
  static void store(int8_t* to, Vector low_sums, Vector high_sums, Float low_multipliers, Float high_multipliers,
                    int32_t zero, int32_t min, int32_t max, int64_t count) {
    const int8x8_t bytes = requantize_neon(low_sums, high_sums, low_multipliers, high_multipliers, zero, min, max);
    if (count == kChannels) return vst1_s8(to, bytes);
    store_partial_neon(to, bytes, count);
  }
};

}  // namespace

void depthwise_s8_loop_neon(const DepthwiseS8Plan& plan, const int8_t* x, int8_t* y, void* scratch, int64_t area_begin,
                            int64_t area_end, int64_t block_begin, int64_t block_end) {
  depthwise_s8_loop<Simd>(plan, x, y, scratch, area_begin, area_end, block_begin, block_end);
}

}  // namespace espalier::kernels
