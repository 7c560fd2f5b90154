// What the loops of depthwise_f32 read: sizes and packed weights as plain numbers.
#pragma once

#include <cstdint>

namespace espalier::kernels {

struct DepthwiseF32Plan {
  int64_t height = 0, width = 0, channels = 0;
  int64_t output_height = 0, output_width = 0;
  int64_t kernel_height = 1, kernel_width = 1;
  int64_t stride_y = 1, stride_x = 1;
  int64_t dilation_y = 1, dilation_x = 1;
  int64_t pad_top = 0, pad_left = 0;
  float min = 0, max = 0;
  const float* weights = nullptr;  // [block][tap][lanes], filled up with zeros
  const float* bias = nullptr;     // [block][lanes]
};

// Computes the output rows [row_begin, row_end), counted over the batch, for the blocks of channels
// [block_begin, block_end).
using DepthwiseF32Loop = void (*)(const DepthwiseF32Plan& plan, const float* x, float* y, int64_t row_begin,
                                  int64_t row_end, int64_t block_begin, int64_t block_end);

void depthwise_f32_loop_portable(const DepthwiseF32Plan&, const float*, float*, int64_t, int64_t, int64_t, int64_t);
void depthwise_f32_loop_avx2(const DepthwiseF32Plan&, const float*, float*, int64_t, int64_t, int64_t, int64_t);
void depthwise_f32_loop_avx512vnni(const DepthwiseF32Plan&, const float*, float*, int64_t, int64_t, int64_t, int64_t);
void depthwise_f32_loop_neon(const DepthwiseF32Plan&, const float*, float*, int64_t, int64_t, int64_t, int64_t);

}  // namespace espalier::kernels
