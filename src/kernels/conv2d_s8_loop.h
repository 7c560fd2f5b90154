// The blocked loop of conv2d_s8 over the primitives of one instruction set. Everything here has internal linkage.
//
// Lanes are output channels, rows of the tile are neighbouring output pixels of one row, and a step takes `depth`
// neighbouring staged elements of each pixel at once:
//
//                          w0 = weights[run][step][0..L)   w1 = weights[run][step][L..2L)
//   x(pixel 0)  broadcast    sums[0][0] += x . w0            sums[0][1] += x . w1          . = sum over the depth
//   x(pixel 1)               sums[1][0]                      sums[1][1]
//   ...
//   x(pixel P-1)             sums[P-1][0]                    sums[P-1][1]
//
//   AVX2          L = 8,  depth 2 (int16, vpmaddwd + vpaddd), P = 4:   8 sums, 2 weights, 1 broadcast, 2 products of 16
//   AVX-512 VNNI  L = 16, depth 4 (u8 x s8, vpdpbusd),        P = 14: 28 sums, 2 weights, 1 broadcast of 32 registers
//
// On NEON a vector of lanes takes several registers and a block is one vector; conv2d_s8_neon.cpp and
// conv2d_s8_neondot.cpp draw theirs. x(pixel 0..P-1) are loaded first, for one step or for several, which the products
// then name by lane; the weights of step after step pass by.
//
// Integer sums are exact, so their order is free; only the final formula of numerics/requantize.h is fixed.
//
// Simd supplies: Vector (of int32), Float, Staged and Weight element types, Weights and Step (what load_weights and
// broadcast_step return), kLanes, kDepth, kVectors and kVectorsFewPixels (widths of a block), kPixels[] (tile heights,
// largest first, the last is 1) with kSinglePixel the index of 1, stage and staged_zero of staged_areas_loop.h,
// load(int32), load_weights, broadcast_step(staged), dot(sum, x, w), requantize(sum, multipliers, zero, min, max) to
// int8 in a Narrow, store and store_partial of one. kStepsPerLoad is 0, or the number of steps whose elements
// load_steps(staged) brings, for dot_step<step>(sum, x, w).
#pragma once

#include "kernels/conv2d_s8.h"
#include "kernels/staged_areas_loop.h"

namespace espalier::kernels {
namespace {

template <class Simd, int P, int N>
[[gnu::always_inline]] inline void conv2d_s8_step(typename Simd::Vector (&sums)[P][N],
                                                  const typename Simd::Staged* const (&pixels)[P], int64_t at,
                                                  const typename Simd::Weight* weights) {
  typename Simd::Weights w[N];
#pragma GCC unroll 16
  for (int j = 0; j < N; ++j) w[j] = Simd::load_weights(weights + j * Simd::kLanes * Simd::kDepth);
#pragma GCC unroll 16
  for (int p = 0; p < P; ++p) {
    const typename Simd::Step x = Simd::broadcast_step(pixels[p] + at);
#pragma GCC unroll 16
    for (int j = 0; j < N; ++j) sums[p][j] = Simd::dot(sums[p][j], x, w[j]);
  }
}

// The steps kStep, kStep + 1, ... of one load.
template <class Simd, int P, int N, int kStep = 0>
[[gnu::always_inline]] inline void conv2d_s8_loaded_steps(typename Simd::Vector (&sums)[P][N],
                                                          const typename Simd::Step (&x)[P],
                                                          const typename Simd::Weight* weights) {
#pragma GCC unroll 16
  for (int j = 0; j < N; ++j) {
    const typename Simd::Weights w = Simd::load_weights(weights + j * Simd::kLanes * Simd::kDepth);
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) sums[p][j] = Simd::template dot_step<kStep>(sums[p][j], x[p], w);
  }
  if constexpr (kStep + 1 < Simd::kStepsPerLoad)
    conv2d_s8_loaded_steps<Simd, P, N, kStep + 1>(sums, x, weights + N * Simd::kLanes * Simd::kDepth);
}

template <class Simd, int P, int N>
[[gnu::always_inline]] inline void conv2d_s8_run(typename Simd::Vector (&sums)[P][N],
                                                 const typename Simd::Staged* const (&pixels)[P],
                                                 const typename Simd::Weight* weights, int64_t steps) {
  constexpr int kStepSize = N * Simd::kLanes * Simd::kDepth;
  int64_t s = 0;
  if constexpr (Simd::kStepsPerLoad > 0) {
    for (; s + Simd::kStepsPerLoad <= steps; s += Simd::kStepsPerLoad, weights += Simd::kStepsPerLoad * kStepSize) {
      typename Simd::Step x[P];
#pragma GCC unroll 16
      for (int p = 0; p < P; ++p) x[p] = Simd::load_steps(pixels[p] + s * Simd::kDepth);
      conv2d_s8_loaded_steps<Simd, P, N>(sums, x, weights);
    }
  }
  if constexpr (Simd::kStepsPerLoad != 1) {
    for (; s < steps; ++s, weights += kStepSize) conv2d_s8_step<Simd, P, N>(sums, pixels, s * Simd::kDepth, weights);
  }
}

// `staged` is the first tap of the tile's first pixel, y the first output of the block in that pixel.
template <class Simd, int P, int N>
static void conv2d_s8_tile(const Conv2dS8Plan& plan, const Conv2dS8Block& block, const typename Simd::Staged* staged,
                           int8_t* y) {
  constexpr int kLanes = Simd::kLanes;
  const int64_t pixel_step = plan.areas.stride_x * plan.areas.channels;
  typename Simd::Vector sums[P][N];
#pragma GCC unroll 16
  for (int j = 0; j < N; ++j) {
    const typename Simd::Vector bias = Simd::load(block.bias + j * kLanes);
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) sums[p][j] = bias;
  }
  const auto* weights = static_cast<const typename Simd::Weight*>(block.weights);
  for (int64_t run = 0; run < plan.run_count; ++run) {
    const typename Simd::Staged* pixels[P];
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) pixels[p] = staged + plan.run_offsets[run] + p * pixel_step;
    conv2d_s8_run<Simd, P, N>(sums, pixels, weights, plan.steps_per_run);
    weights += plan.steps_per_run * N * kLanes * Simd::kDepth;
  }
#pragma GCC unroll 16
  for (int j = 0; j < N; ++j) {
    const typename Simd::Float multipliers = Simd::load_float(block.multipliers + j * kLanes);
    const int64_t rest = block.count - j * kLanes;
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
      int8_t* out = y + p * plan.output_channels + j * kLanes;
      const typename Simd::Narrow value =
          Simd::requantize(sums[p][j], multipliers, plan.output_zero, plan.min, plan.max);
      if (rest >= kLanes) {
        Simd::store(out, value);
      } else if (rest > 0) {
        Simd::store_partial(out, value, rest);
      }
    }
  }
}

// Covers the pixels [begin, end) of one row of the area with tiles, the tallest first. A tile may reach back to `first`
// over pixels that are done, which computes the same bytes twice and spares shorter tiles.
template <class Simd, int N, int Choice = 0>
static void conv2d_s8_row(const Conv2dS8Plan& plan, const Conv2dS8Block& block, const typename Simd::Staged* staged,
                          int64_t first, int64_t begin, int64_t end, int8_t* row) {
  constexpr int P = Simd::kPixels[Choice];
  while (end - begin >= P || (end - first >= P && end - begin > P / 2)) {
    if (end - begin < P) begin = end - P;
    conv2d_s8_tile<Simd, P, N>(plan, block, staged + begin * plan.areas.stride_x * plan.areas.channels,
                               row + begin * plan.output_channels);
    begin += P;
  }
  if constexpr (P > 1) {
    if (begin < end) conv2d_s8_row<Simd, N, Choice + 1>(plan, block, staged, first, begin, end, row);
  }
}

template <class Simd>
static void conv2d_s8_loop(const Conv2dS8Plan& plan, const int8_t* x, int8_t* y, void* scratch, int64_t area_begin,
                           int64_t area_end, int64_t block_begin, int64_t block_end) {
  using Staged = typename Simd::Staged;
  if (block_begin == block_end) return;
  const StagedAreas& areas = plan.areas;
  for_each_staged_area<Simd>(areas, x, scratch, area_begin, area_end, [&](const StagedArea<Staged>& area) {
    for (int64_t b = block_begin; b < block_end; ++b) {
      const Conv2dS8Block& block = plan.blocks[b];
      for (int64_t row = 0; row < area.rows; ++row) {
        const Staged* from =
            area.staged + row * areas.stride_y * areas.staged_columns * areas.channels + block.input_channel;
        int8_t* out = y + (area.first_pixel + row * areas.output_width) * plan.output_channels + block.output_channel;
        if (block.vectors == Simd::kVectorsFewPixels) {
          // Many vectors of output channels keep the multipliers busy where there is no tall tile.
          conv2d_s8_row<Simd, Simd::kVectorsFewPixels, Simd::kSinglePixel>(plan, block, from, 0, 0, area.columns, out);
        } else if (block.vectors == Simd::kVectors) {
          conv2d_s8_row<Simd, Simd::kVectors>(plan, block, from, 0, 0, area.columns, out);
        } else {
          conv2d_s8_row<Simd, 1>(plan, block, from, 0, 0, area.columns, out);
        }
      }
    }
  });
}

}  // namespace
}  // namespace espalier::kernels
