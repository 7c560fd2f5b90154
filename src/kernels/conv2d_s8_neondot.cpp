// The loop of conv2d_s8 for NEON with dot products (armv8.2-a+dotprod): sdot multiplies four bytes of each lane with
// four bytes of one pixel and adds them to the lane, exactly.
//
// One load brings 16 elements of a pixel, four steps, which sdot names by lane; a vector of eight output channels is
// two registers, low and high:
//
//   x  = pixel p    x0..x3 | x4..x7 | x8..x11 | x12..x15
//   w  = step k     w(channel 0), .. w(channel 3)     sdot  sums[p].low  += w . x[k]
//                   w(channel 4), .. w(channel 7)     sdot  sums[p].high += w . x[k]
//
//   P = 8: 16 sums, 8 pixels, 2 weights of 32 registers
//
// Floor: 1 instruction for 16 multiply-accumulates, 0.0625. Four steps of the tile of eight pixels need 8 + 8 loads and
// 64 products for 1024: 0.078.
#include "kernels/conv2d_s8_loop.h"
#include "kernels/requantize_neon.h"
#include "kernels/stage_neon.h"

namespace espalier::kernels {
namespace {

struct Simd : StageBytes {
  struct Vector {
    int32x4_t low, high;
  };
  struct Weights {
    int8x16_t low, high;
  };
  struct Float {
    float32x4_t low, high;
  };
  using Step = int8x16_t;
  using Weight = int8_t;
  using Narrow = int8x8_t;
  static constexpr int kLanes = 8;
  static constexpr int kDepth = 4;
  static constexpr int kStepsPerLoad = 4;
  static constexpr int kVectors = kBlockVectorsNeonDot.vectors;
  static constexpr int kVectorsFewPixels = kBlockVectorsNeonDot.few_pixels;
  static constexpr int kPixels[] = {8, 4, 2, 1};
  static constexpr int kSinglePixel = 3;

  static Vector load(const int32_t* from) { return {vld1q_s32(from), vld1q_s32(from + 4)}; }
  static Weights load_weights(const Weight* from) { return {vld1q_s8(from), vld1q_s8(from + 16)}; }
  static Step load_steps(const Staged* from) { return vld1q_s8(from); }
  static Step broadcast_step(const Staged* from) {
    int32_t four;
    memcpy(&four, from, sizeof(four));
    return vreinterpretq_s8_s32(vdupq_n_s32(four));
  }
  static Vector dot(Vector sum, Step x, const Weights& w) {
    return {vdotq_s32(sum.low, w.low, x), vdotq_s32(sum.high, w.high, x)};
  }
  template <int step>
  static Vector dot_step(Vector sum, Step x, const Weights& w) {
    return {vdotq_laneq_s32(sum.low, w.low, x, step), vdotq_laneq_s32(sum.high, w.high, x, step)};
  }

  static Float load_float(const float* from) { return {vld1q_f32(from), vld1q_f32(from + 4)}; }
  static Narrow requantize(const Vector& sum, const Float& multipliers, int32_t zero, int32_t min, int32_t max) {
    return requantize_neon(sum.low, sum.high, multipliers.low, multipliers.high, zero, min, max);
  }
  static void store(int8_t* to, Narrow value) { vst1_s8(to, value); }
  static void store_partial(int8_t* to, Narrow value, int64_t count) { store_partial_neon(to, value, count); }
};

}  // namespace

void conv2d_s8_loop_neondot(const Conv2dS8Plan& plan, const int8_t* x, int8_t* y, void* scratch, int64_t area_begin,
                            int64_t area_end, int64_t block_begin, int64_t block_end) {
  conv2d_s8_loop<Simd>(plan, x, y, scratch, area_begin, area_end, block_begin, block_end);
}

}  // namespace espalier::kernels
