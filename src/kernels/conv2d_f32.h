// What the loops of conv2d_f32 read: sizes and packed weights as plain numbers. A product with a matrix (linear) is the
// same loop on a map of one row.
#pragma once

#include <cstdint>

namespace espalier::kernels {

// Output channels that are computed together. Weights are packed [tap][input channel][vectors * lanes], the bias
// [vectors * lanes], both filled up with zeros.
struct Conv2dF32Block {
  const float* weights = nullptr;
  const float* bias = nullptr;
  int64_t input_channel = 0;   // the first that it reads
  int64_t output_channel = 0;  // the first that it writes
  int64_t count = 0;           // of output channels
  int64_t vectors = 0;         // 1, 2 or 8
};

struct Conv2dF32Plan {
  int64_t height = 0, width = 0, input_channels = 0;
  int64_t output_height = 0, output_width = 0, output_channels = 0;
  int64_t group_input_channels = 0;
  int64_t kernel_height = 1, kernel_width = 1;
  int64_t stride_y = 1, stride_x = 1;
  int64_t dilation_y = 1, dilation_x = 1;
  int64_t pad_top = 0, pad_left = 0;
  float min = 0, max = 0;
  const Conv2dF32Block* blocks = nullptr;
  // Output rows are cut into segments of nearly equal length; a segment is the unit that threads share.
  int64_t segments_per_row = 1;
  int64_t segments_per_chunk = 1;  // their inputs stay in the second-level cache while every block reads them
};

// Computes the segments [segment_begin, segment_end), counted over batch, rows and segments of a row, for the blocks
// [block_begin, block_end). x is the whole input, y the whole output.
using Conv2dF32Loop = void (*)(const Conv2dF32Plan& plan, const float* x, float* y, int64_t segment_begin,
                               int64_t segment_end, int64_t block_begin, int64_t block_end);

void conv2d_f32_loop_portable(const Conv2dF32Plan&, const float*, float*, int64_t, int64_t, int64_t, int64_t);
void conv2d_f32_loop_avx2(const Conv2dF32Plan&, const float*, float*, int64_t, int64_t, int64_t, int64_t);
void conv2d_f32_loop_avx512vnni(const Conv2dF32Plan&, const float*, float*, int64_t, int64_t, int64_t, int64_t);
void conv2d_f32_loop_neon(const Conv2dF32Plan&, const float*, float*, int64_t, int64_t, int64_t, int64_t);

}  // namespace espalier::kernels
