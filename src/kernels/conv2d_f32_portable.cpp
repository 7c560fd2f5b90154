// The loop of conv2d_f32 for plain C++ (and NEON where the compiler has it).
#include "kernels/conv2d_f32_loop.h"
#include "kernels/simd_f32_portable.h"

namespace espalier::kernels {
namespace {

struct Simd : PortableF32 {
  static constexpr int kChannelsPerLoad = 1;
  static constexpr int kPixels[] = {4, 2, 1};
  static constexpr int kSinglePixel = 2;  // index of the tile of one pixel
};

}  // namespace

void conv2d_f32_loop_portable(const Conv2dF32Plan& plan, const float* x, float* y, int64_t segment_begin,
                              int64_t segment_end, int64_t block_begin, int64_t block_end) {
  conv2d_f32_loop<Simd>(plan, x, y, segment_begin, segment_end, block_begin, block_end);
}

}  // namespace espalier::kernels
