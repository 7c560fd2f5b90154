// The loop of conv2d_f32 for AVX2 with FMA.
#include "kernels/conv2d_f32_loop.h"
#include "kernels/simd_f32_avx2.h"

namespace espalier::kernels {
namespace {

struct Simd : Avx2F32 {
  static constexpr int kChannelsPerLoad = 1;
  static constexpr int kPixels[] = {6, 3, 2, 1};
  static constexpr int kSinglePixel = 3;  // index of the tile of one pixel
};

}  // namespace

void conv2d_f32_loop_avx2(const Conv2dF32Plan& plan, const float* x, float* y, int64_t segment_begin,
                          int64_t segment_end, int64_t block_begin, int64_t block_end) {
  conv2d_f32_loop<Simd>(plan, x, y, segment_begin, segment_end, block_begin, block_end);
}

}  // namespace espalier::kernels
