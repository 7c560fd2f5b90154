// The loop of conv2d_s8 for NEON of any AArch64 processor (armv8-a has no dot product of bytes).
//
// A step takes 16 neighbouring elements of a pixel. The products of two halves are added in 16 bits, which holds them
// as long as no weight is -128 (2 * 128 * 127 < 2^15), and sadalp adds the pairs of the result to four partial sums:
//
//   x  = pixel p     x0 .. x7 | x8 .. x15
//   w  = channel c   w0 .. w7 | w8 .. w15      smull   t = x0 w0, x1 w1, ... x7 w7                   8 of int16
//                                              smlal2  t += x8 w8, ... x15 w15
//                                              sadalp  sums[p].channel[c] += t0 + t1, ..., t6 + t7   4 of int32
//
// A vector of four lanes is four such registers, one per output channel; three addp bring it to one at the end.
//
//   P = 4: 16 sums, 4 pixels, 4 weights, 4 products of 32 registers
//
// Floor: 3 instructions for 16 multiply-accumulates, 0.1875. A step of the tile of four pixels needs 4 + 4 loads and 48
// products for 256: 0.219. (smlal on int16 would take 0.25 without its loads.)
#include "kernels/conv2d_s8_loop.h"
#include "kernels/requantize_neon.h"
#include "kernels/stage_neon.h"

namespace espalier::kernels {
namespace {

struct Simd : StageBytes {
  struct Vector {
    int32x4_t channel[4];
  };
  struct Weights {
    int8x16_t channel[4];
  };
  using Step = int8x16_t;
  using Weight = int8_t;
  using Float = float32x4_t;
  using Narrow = int8x8_t;
  static constexpr int kLanes = 4;
  static constexpr int kDepth = 16;
  static constexpr int kStepsPerLoad = 1;
  static constexpr int kVectors = kBlockVectorsNeon.vectors;
  static constexpr int kVectorsFewPixels = kBlockVectorsNeon.few_pixels;
  static constexpr int kPixels[] = {4, 2, 1};
  static constexpr int kSinglePixel = 2;

  static Vector load(const int32_t* from) {
    Vector sums;
#pragma GCC unroll 4
    for (int c = 0; c < 4; ++c) sums.channel[c] = vsetq_lane_s32(from[c], vdupq_n_s32(0), 0);
    return sums;
  }
  static Weights load_weights(const Weight* from) {
    Weights weights;
#pragma GCC unroll 4
    for (int c = 0; c < 4; ++c) weights.channel[c] = vld1q_s8(from + 16 * c);
    return weights;
  }
  static Step load_steps(const Staged* from) { return vld1q_s8(from); }
  // Four chains side by side, so that no instruction waits for the one before it; the compiler keeps this order
  // (cmake/libraries.cmake).
  template <int>
  static Vector dot_step(Vector sum, Step x, const Weights& w) {
    int16x8_t products[4];
#pragma GCC unroll 4
    for (int c = 0; c < 4; ++c) products[c] = vmull_s8(vget_low_s8(x), vget_low_s8(w.channel[c]));
#pragma GCC unroll 4
    for (int c = 0; c < 4; ++c) products[c] = vmlal_high_s8(products[c], x, w.channel[c]);
#pragma GCC unroll 4
    for (int c = 0; c < 4; ++c) sum.channel[c] = vpadalq_s16(sum.channel[c], products[c]);
    return sum;
  }

  static Float load_float(const float* from) { return vld1q_f32(from); }
  static Narrow requantize(const Vector& sum, Float multipliers, int32_t zero, int32_t min, int32_t max) {
    const int32x4_t sums =
        vpaddq_s32(vpaddq_s32(sum.channel[0], sum.channel[1]), vpaddq_s32(sum.channel[2], sum.channel[3]));
    const int16x4_t words = vqmovn_s32(scaled_neon(sums, multipliers));
    return narrow_neon(vcombine_s16(words, words), zero, min, max);
  }
  static void store(int8_t* to, Narrow value) {
    const uint32_t four = vget_lane_u32(vreinterpret_u32_s8(value), 0);
    memcpy(to, &four, sizeof(four));
  }
  static void store_partial(int8_t* to, Narrow value, int64_t count) { store_partial_neon(to, value, count); }
};

}  // namespace

void conv2d_s8_loop_neon(const Conv2dS8Plan& plan, const int8_t* x, int8_t* y, void* scratch, int64_t area_begin,
                         int64_t area_end, int64_t block_begin, int64_t block_end) {
  conv2d_s8_loop<Simd>(plan, x, y, scratch, area_begin, area_end, block_begin, block_end);
}

}  // namespace espalier::kernels
