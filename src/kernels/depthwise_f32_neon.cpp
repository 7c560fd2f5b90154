// The loop of depthwise_f32 for NEON of any AArch64 processor.
#include "kernels/depthwise_f32_loop.h"
#include "kernels/simd_f32_neon.h"

namespace espalier::kernels {

void depthwise_f32_loop_neon(const DepthwiseF32Plan& plan, const float* x, float* y, int64_t row_begin, int64_t row_end,
                             int64_t block_begin, int64_t block_end) {
  depthwise_f32_loop<NeonF32>(plan, x, y, row_begin, row_end, block_begin, block_end);
}

}  // namespace espalier::kernels
