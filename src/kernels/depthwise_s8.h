// What the loops of depthwise_s8 read: sizes and packed weights as plain numbers.
#pragma once

#include <cstdint>

#include "kernels/staged_areas.h"

namespace espalier::kernels {

// Taps go in pairs (an odd last one has a partner of zero weights), channels in blocks of one register of int16.
//
//   weights [block][pair][low or high][channel of the half][2 taps]     bias, multipliers [block][low or high][channel]
//
// The low half of a block holds the channels 0..3 of each eight, the high half 4..7: the order in which unpack
// instructions interleave two taps within 128 bits, and in which pack instructions put the results back.
struct DepthwiseS8Plan {
  StagedAreas areas;
  int64_t pair_count = 0;
  const int64_t* tap_offsets = nullptr;  // two per pair, in staged elements from the first tap of a pixel
  const int16_t* weights = nullptr;
  const int32_t* bias = nullptr;
  const float* multipliers = nullptr;
  int32_t output_zero = 0, min = -128, max = 127;
};

// Computes the areas [area_begin, area_end) for the blocks of channels [block_begin, block_end).
using DepthwiseS8Loop = void (*)(const DepthwiseS8Plan& plan, const int8_t* x, int8_t* y, void* scratch,
                                 int64_t area_begin, int64_t area_end, int64_t block_begin, int64_t block_end);

void depthwise_s8_loop_portable(const DepthwiseS8Plan&, const int8_t*, int8_t*, void*, int64_t, int64_t, int64_t,
                                int64_t);
void depthwise_s8_loop_avx2(const DepthwiseS8Plan&, const int8_t*, int8_t*, void*, int64_t, int64_t, int64_t, int64_t);
void depthwise_s8_loop_avx512vnni(const DepthwiseS8Plan&, const int8_t*, int8_t*, void*, int64_t, int64_t, int64_t,
                                  int64_t);
void depthwise_s8_loop_neon(const DepthwiseS8Plan&, const int8_t*, int8_t*, void*, int64_t, int64_t, int64_t, int64_t);

}  // namespace espalier::kernels
