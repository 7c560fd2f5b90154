// The loop of depthwise_f32 for plain C++.
#include "kernels/depthwise_f32_loop.h"
#include "kernels/simd_f32_portable.h"

namespace espalier::kernels {

void depthwise_f32_loop_portable(const DepthwiseF32Plan& plan, const float* x, float* y, int64_t row_begin,
                                 int64_t row_end, int64_t block_begin, int64_t block_end) {
  depthwise_f32_loop<PortableF32>(plan, x, y, row_begin, row_end, block_begin, block_end);
}

}  // namespace espalier::kernels
