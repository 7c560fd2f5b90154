// The loop of conv2d_f32 for NEON of any AArch64 processor.
//
// Floor: 1 instruction for 4 multiply-accumulates, 0.25. Four channels of the tile of six pixels need 8 + 6 loads and
// 48 fmla for 192: 0.323.
#include "kernels/conv2d_f32_loop.h"
#include "kernels/simd_f32_neon.h"

namespace espalier::kernels {
namespace {

struct Simd : NeonF32 {
  static constexpr int kChannelsPerLoad = 4;
  static constexpr int kPixels[] = {6, 3, 2, 1};
  static constexpr int kSinglePixel = 3;  // index of the tile of one pixel

  template <int channel>
  static Vector fma_lane(Vector a, Vector b, Vector c) {
    return vfmaq_laneq_f32(c, b, a, channel);
  }
};

}  // namespace

void conv2d_f32_loop_neon(const Conv2dF32Plan& plan, const float* x, float* y, int64_t segment_begin,
                          int64_t segment_end, int64_t block_begin, int64_t block_end) {
  conv2d_f32_loop<Simd>(plan, x, y, segment_begin, segment_end, block_begin, block_end);
}

}  // namespace espalier::kernels
