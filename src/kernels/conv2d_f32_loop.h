// The blocked loop of conv2d_f32 over the primitives of one instruction set. Everything here has internal linkage.
//
// Each output is one chain of fused multiply-adds from the bias, taps outer, input channels inner, ascending. Lanes are
// output channels and rows of the tile are pixels, so no chain is ever split.
//
//                 w0 = weights[tap][c][0..L)    w1 = weights[tap][c][L..2L)
//   x(pixel 0, c)   sums[0][0] += x * w0          sums[0][1] += x * w1
//   x(pixel 1, c)   sums[1][0]                    sums[1][1]
//   ...
//   x(pixel P-1, c) sums[P-1][0]                  sums[P-1][1]
//
//   AVX2     L = 8,  P = 6:  12 sums, 2 weights, 1 broadcast of 16 registers
//   AVX-512  L = 16, P = 14: 28 sums, 2 weights, 1 broadcast of 32 registers
//   NEON     L = 4,  P = 6:  12 sums, 2 weights, 6 pixels of four channels, which fmla names by lane, of 32
//
// A padded tap is no step: where a tile touches the border, sums rest in memory between taps, and only the pixels whose
// tap lies inside the map take the step.
//
// Simd supplies: Vector, kLanes, kPixels[] (tile heights, largest first, the last is 1), load, store, store_partial,
// broadcast, fma(a, b, c) = a * b + c rounded once, clamp(value, min, max) of numerics/rounding.h; kChannelsPerLoad,
// and where it is above 1 fma_lane<channel>(a, b, c) with one channel of a, which load has brought.
#pragma once

#include "kernels/conv2d_f32.h"
#include "kernels/taps_inside.h"

namespace espalier::kernels {
namespace {

// The channels kChannel, kChannel + 1, ... of one load.
template <class Simd, int P, int N, int kChannel = 0>
[[gnu::always_inline]] inline void conv2d_f32_loaded_channels(typename Simd::Vector (&sums)[P][N],
                                                              const typename Simd::Vector (&x)[P],
                                                              const float* weights) {
#pragma GCC unroll 16
  for (int j = 0; j < N; ++j) {
    const typename Simd::Vector w = Simd::load(weights + j * Simd::kLanes);
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) sums[p][j] = Simd::template fma_lane<kChannel>(x[p], w, sums[p][j]);
  }
  if constexpr (kChannel + 1 < Simd::kChannelsPerLoad)
    conv2d_f32_loaded_channels<Simd, P, N, kChannel + 1>(sums, x, weights + N * Simd::kLanes);
}

// One tap: the steps over the input channels for P pixels and N vectors of output channels.
template <class Simd, int P, int N>
[[gnu::always_inline]] inline void conv2d_f32_tap(typename Simd::Vector (&sums)[P][N], const float* const (&pixels)[P],
                                                  const float* weights, int64_t channels) {
  int64_t c = 0;
  if constexpr (Simd::kChannelsPerLoad > 1) {
    constexpr int kChannels = Simd::kChannelsPerLoad;
    for (; c + kChannels <= channels; c += kChannels, weights += kChannels * N * Simd::kLanes) {
      typename Simd::Vector x[P];
#pragma GCC unroll 16
      for (int p = 0; p < P; ++p) x[p] = Simd::load(pixels[p] + c);
      conv2d_f32_loaded_channels<Simd, P, N>(sums, x, weights);
    }
  }
  for (; c < channels; ++c, weights += N * Simd::kLanes) {
    typename Simd::Vector w[N];
#pragma GCC unroll 16
    for (int j = 0; j < N; ++j) w[j] = Simd::load(weights + j * Simd::kLanes);
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
      const typename Simd::Vector x = Simd::broadcast(pixels[p] + c);
#pragma GCC unroll 16
      for (int j = 0; j < N; ++j) sums[p][j] = Simd::fma(x, w[j], sums[p][j]);
    }
  }
}

struct Conv2dF32Place {
  const float* map = nullptr;  // the image of the batch at the block's first input channel
  int64_t first_y = 0;         // input row and column of tap 0, outside the map in the padding
  int64_t first_x = 0;
  TapRange rows = {};  // of the kernel's rows, those inside the map
};

template <class Simd, int P, int N>
static void conv2d_f32_tile(const Conv2dF32Plan& plan, const Conv2dF32Block& block, const Conv2dF32Place& place,
                            float* y) {
  constexpr int kLanes = Simd::kLanes;
  const int64_t step = plan.stride_x * plan.input_channels;
  const int64_t tap_size = plan.group_input_channels * N * kLanes;
  typename Simd::Vector sums[P][N];
#pragma GCC unroll 16
  for (int p = 0; p < P; ++p)
#pragma GCC unroll 16
    for (int j = 0; j < N; ++j) sums[p][j] = Simd::load(block.bias + j * kLanes);

  const int64_t last_x = place.first_x + (P - 1) * plan.stride_x + (plan.kernel_width - 1) * plan.dilation_x;
  if (place.first_x >= 0 && last_x < plan.width) {
    for (int64_t ky = place.rows.begin; ky < place.rows.end; ++ky)
      for (int64_t kx = 0; kx < plan.kernel_width; ++kx) {
        const int64_t in_y = place.first_y + ky * plan.dilation_y;
        const int64_t in_x = place.first_x + kx * plan.dilation_x;
        const float* first = place.map + (in_y * plan.width + in_x) * plan.input_channels;
        const float* pixels[P];
#pragma GCC unroll 16
        for (int p = 0; p < P; ++p) pixels[p] = first + p * step;
        conv2d_f32_tap<Simd, P, N>(sums, pixels, block.weights + (ky * plan.kernel_width + kx) * tap_size,
                                   plan.group_input_channels);
      }
  } else {
    alignas(64) float memory[P * N * kLanes];
    for (int p = 0; p < P; ++p)
      for (int j = 0; j < N; ++j) Simd::store(memory + (p * N + j) * kLanes, sums[p][j]);
    for (int64_t ky = place.rows.begin; ky < place.rows.end; ++ky)
      for (int64_t kx = 0; kx < plan.kernel_width; ++kx) {
        const int64_t in_y = place.first_y + ky * plan.dilation_y;
        const int64_t in_x = place.first_x + kx * plan.dilation_x;
        // The pixels whose tap lies inside: neighbours, because in_x + p * stride_x ascends.
        int begin = 0;
        int end = P;
        while (begin < P && in_x + begin * plan.stride_x < 0) ++begin;
        while (end > begin && in_x + (end - 1) * plan.stride_x >= plan.width) --end;
        if (begin == end) continue;
        const float* row = place.map + in_y * plan.width * plan.input_channels;
        const float* pixels[P];
        for (int p = 0; p < P; ++p) {
          const int inside = p < begin ? begin : (p < end ? p : end - 1);
          pixels[p] = row + (in_x + inside * plan.stride_x) * plan.input_channels;
        }
        for (int p = 0; p < P; ++p)
          for (int j = 0; j < N; ++j) sums[p][j] = Simd::load(memory + (p * N + j) * kLanes);
        conv2d_f32_tap<Simd, P, N>(sums, pixels, block.weights + (ky * plan.kernel_width + kx) * tap_size,
                                   plan.group_input_channels);
        for (int p = 0; p < P; ++p)
          if (p >= begin && p < end)
            for (int j = 0; j < N; ++j) Simd::store(memory + (p * N + j) * kLanes, sums[p][j]);
      }
    for (int p = 0; p < P; ++p)
      for (int j = 0; j < N; ++j) sums[p][j] = Simd::load(memory + (p * N + j) * kLanes);
  }

#pragma GCC unroll 16
  for (int p = 0; p < P; ++p) {
    float* out = y + p * plan.output_channels;
#pragma GCC unroll 16
    for (int j = 0; j < N; ++j) {
      const typename Simd::Vector value = Simd::clamp(sums[p][j], plan.min, plan.max);
      const int64_t rest = block.count - j * kLanes;
      if (rest >= kLanes) {
        Simd::store(out + j * kLanes, value);
      } else if (rest > 0) {
        Simd::store_partial(out + j * kLanes, value, rest);
      }
    }
  }
}

// Covers the pixels [begin, end) of one output row with tiles, the tallest first. A tile may reach back to `first` over
// pixels that are done, which computes the same bits twice and spares shorter tiles.
template <class Simd, int N, int Choice = 0>
static void conv2d_f32_row(const Conv2dF32Plan& plan, const Conv2dF32Block& block, Conv2dF32Place place, int64_t first,
                           int64_t begin, int64_t end, float* row) {
  constexpr int P = Simd::kPixels[Choice];
  while (end - begin >= P || (end - first >= P && end - begin > P / 2)) {
    if (end - begin < P) begin = end - P;
    place.first_x = begin * plan.stride_x - plan.pad_left;
    conv2d_f32_tile<Simd, P, N>(plan, block, place, row + begin * plan.output_channels);
    begin += P;
  }
  if constexpr (P > 1) {
    if (begin < end) conv2d_f32_row<Simd, N, Choice + 1>(plan, block, place, first, begin, end, row);
  }
}

template <class Simd>
static void conv2d_f32_loop(const Conv2dF32Plan& plan, const float* x, float* y, int64_t segment_begin,
                            int64_t segment_end, int64_t block_begin, int64_t block_end) {
  for (int64_t chunk = segment_begin; chunk < segment_end; chunk += plan.segments_per_chunk) {
    const int64_t chunk_end =
        chunk + plan.segments_per_chunk < segment_end ? chunk + plan.segments_per_chunk : segment_end;
    for (int64_t b = block_begin; b < block_end; ++b) {
      const Conv2dF32Block& block = plan.blocks[b];
      for (int64_t segment = chunk; segment < chunk_end; ++segment) {
        const int64_t row = segment / plan.segments_per_row;
        const int64_t part = segment % plan.segments_per_row;
        const int64_t n = row / plan.output_height;
        const int64_t out_y = row % plan.output_height;
        const int64_t begin = plan.output_width * part / plan.segments_per_row;
        const int64_t end = plan.output_width * (part + 1) / plan.segments_per_row;
        Conv2dF32Place place;
        place.map = x + n * plan.height * plan.width * plan.input_channels + block.input_channel;
        place.first_y = out_y * plan.stride_y - plan.pad_top;
        place.rows = taps_inside(place.first_y, plan.dilation_y, plan.kernel_height, plan.height);
        float* out = y + row * plan.output_width * plan.output_channels + block.output_channel;
        switch (block.vectors) {
          case 1: conv2d_f32_row<Simd, 1>(plan, block, place, begin, begin, end, out); break;
          case 2: conv2d_f32_row<Simd, 2>(plan, block, place, begin, begin, end, out); break;
          // Few pixels: eight vectors of output channels keep the multipliers busy instead.
          default: conv2d_f32_row<Simd, 8, Simd::kSinglePixel>(plan, block, place, begin, begin, end, out);
        }
      }
    }
  }
}

}  // namespace
}  // namespace espalier::kernels
