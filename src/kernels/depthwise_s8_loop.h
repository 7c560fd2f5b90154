// The loop of depthwise_s8 over the primitives of one instruction set. Everything here has internal linkage.
//
// x - zero_point is staged as int16. Two taps of the same channels are interleaved, and one multiply-add of pairs takes
// both (128 bits shown; wider registers do the same in each 128):
//
//   a = tap 2i      a0 a1 a2 a3 a4 a5 a6 a7        low  = a0 b0 a1 b1 a2 b2 a3 b3    low_sums  += low  . weights
//   b = tap 2i + 1  b0 b1 b2 b3 b4 b5 b6 b7        high = a4 b4 a5 b5 a6 b6 a7 b7    high_sums += high . weights
//
// P neighbouring pixels share the weights: 2 P sums, 2 weights, 2 taps. NEON multiplies halves of registers instead,
// one tap after the other (depthwise_s8_neon.cpp).
//
// Simd supplies: Vector (of int32), Taps (what load_taps returns), Weights (of a pair), Staged = int16_t, kChannels (of
// a register of int16), stage and staged_zero of staged_areas_loop.h, load32, load_taps, load_weights, load_float,
// add_low(sums, a, b, weights) and add_high, and store(to, low sums, high sums, their multipliers, zero, min, max,
// count).
#pragma once

#include "kernels/depthwise_s8.h"
#include "kernels/staged_areas_loop.h"

namespace espalier::kernels {
namespace {

template <class Simd, int P>
static void depthwise_s8_tile(const DepthwiseS8Plan& plan, const int16_t* staged, int8_t* y, int64_t block) {
  constexpr int kChannels = Simd::kChannels;
  const int64_t channels = plan.areas.channels;
  const int64_t step = plan.areas.stride_x * channels;
  const int16_t* weights = plan.weights + block * plan.pair_count * kChannels * 2;
  typename Simd::Vector low_sums[P];
  typename Simd::Vector high_sums[P];
  const int16_t* pixels[P];
#pragma GCC unroll 8
  for (int p = 0; p < P; ++p) {
    pixels[p] = staged + p * step;
    low_sums[p] = Simd::load32(plan.bias + block * kChannels);
    high_sums[p] = Simd::load32(plan.bias + block * kChannels + kChannels / 2);
  }
  for (int64_t pair = 0; pair < plan.pair_count; ++pair, weights += 2 * kChannels) {
    const int64_t first = plan.tap_offsets[2 * pair];
    const int64_t second = plan.tap_offsets[2 * pair + 1];
    const typename Simd::Weights w = Simd::load_weights(weights);
#pragma GCC unroll 8
    for (int p = 0; p < P; ++p) {
      const typename Simd::Taps a = Simd::load_taps(pixels[p] + first);
      const typename Simd::Taps b = Simd::load_taps(pixels[p] + second);
      low_sums[p] = Simd::add_low(low_sums[p], a, b, w);
      high_sums[p] = Simd::add_high(high_sums[p], a, b, w);
    }
  }
  const typename Simd::Float low_multipliers = Simd::load_float(plan.multipliers + block * kChannels);
  const typename Simd::Float high_multipliers = Simd::load_float(plan.multipliers + block * kChannels + kChannels / 2);
  const int64_t rest = channels - block * kChannels;
#pragma GCC unroll 8
  for (int p = 0; p < P; ++p)
    Simd::store(y + p * channels, low_sums[p], high_sums[p], low_multipliers, high_multipliers, plan.output_zero,
                plan.min, plan.max, rest < kChannels ? rest : kChannels);
}

template <class Simd>
static void depthwise_s8_loop(const DepthwiseS8Plan& plan, const int8_t* x, int8_t* y, void* scratch,
                              int64_t area_begin, int64_t area_end, int64_t block_begin, int64_t block_end) {
  if (block_begin == block_end) return;
  const StagedAreas& areas = plan.areas;
  const int64_t channels = areas.channels;
  for_each_staged_area<Simd>(areas, x, scratch, area_begin, area_end, [&](const StagedArea<int16_t>& area) {
    for (int64_t row = 0; row < area.rows; ++row)
      for (int64_t block = block_begin; block < block_end; ++block) {
        const int16_t* from =
            area.staged + row * areas.stride_y * areas.staged_columns * channels + block * Simd::kChannels;
        int8_t* out = y + (area.first_pixel + row * areas.output_width) * channels + block * Simd::kChannels;
        const int64_t step = areas.stride_x * channels;
        int64_t column = 0;
        for (; column + 4 <= area.columns; column += 4)
          depthwise_s8_tile<Simd, 4>(plan, from + column * step, out + column * channels, block);
        for (; column < area.columns; ++column)
          depthwise_s8_tile<Simd, 1>(plan, from + column * step, out + column * channels, block);
      }
  });
}

}  // namespace
}  // namespace espalier::kernels
