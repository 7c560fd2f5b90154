// What the loops of conv2d_s8 read: sizes and packed weights as plain numbers. A product with a matrix (linear) is the
// same loop on a map of one row.
#pragma once

#include <cstdint>

#include "kernels/block_vectors.h"
#include "kernels/staged_areas.h"

namespace espalier::kernels {

// Output channels that are computed together. Weights are packed [run][step][vectors * lanes][depth], the bias and the
// multipliers [vectors * lanes], all filled up with zeros. The bias holds what the staging's offset asks for.
struct Conv2dS8Block {
  const void* weights = nullptr;
  const int32_t* bias = nullptr;
  const float* multipliers = nullptr;
  int64_t input_channel = 0;   // the first that it reads
  int64_t output_channel = 0;  // the first that it writes
  int64_t count = 0;           // of output channels
  int64_t vectors = 0;         // 1, or one of the loop's BlockVectors
};

// A run is a stretch of neighbouring staged elements that one row of weights multiplies: with dilation 1 and one group
// the taps of one kernel row (kernel_width * channels elements), else one tap. It is cut into steps of `depth`
// elements; the last step may read past the run, where the weights are zero.
struct Conv2dS8Plan {
  StagedAreas areas;
  int64_t output_channels = 0;
  int64_t run_count = 0;
  const int64_t* run_offsets = nullptr;  // in staged elements from the first tap of a pixel
  int64_t steps_per_run = 0;
  int32_t output_zero = 0, min = -128, max = 127;
  const Conv2dS8Block* blocks = nullptr;
};

// Computes the areas [area_begin, area_end), counted over batch, down and across, for the blocks
// [block_begin, block_end). x is the whole input, y the whole output, scratch as large as prepare has said.
using Conv2dS8Loop = void (*)(const Conv2dS8Plan& plan, const int8_t* x, int8_t* y, void* scratch, int64_t area_begin,
                              int64_t area_end, int64_t block_begin, int64_t block_end);

void conv2d_s8_loop_portable(const Conv2dS8Plan&, const int8_t*, int8_t*, void*, int64_t, int64_t, int64_t, int64_t);
void conv2d_s8_loop_avx2(const Conv2dS8Plan&, const int8_t*, int8_t*, void*, int64_t, int64_t, int64_t, int64_t);
void conv2d_s8_loop_avx512vnni(const Conv2dS8Plan&, const int8_t*, int8_t*, void*, int64_t, int64_t, int64_t, int64_t);
void conv2d_s8_loop_neon(const Conv2dS8Plan&, const int8_t*, int8_t*, void*, int64_t, int64_t, int64_t, int64_t);
void conv2d_s8_loop_neondot(const Conv2dS8Plan&, const int8_t*, int8_t*, void*, int64_t, int64_t, int64_t, int64_t);

}  // namespace espalier::kernels
