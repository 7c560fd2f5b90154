// The loop of depthwise_f32 over the primitives of one instruction set. Everything here has internal linkage.
//
// Each output is one chain of fused multiply-adds from the bias over the taps that lie inside the map, ascending. Lanes
// are channels; P neighbouring pixels inside the map share the weights (P sums, 1 weight), border pixels go one by one.
//
// Simd supplies: Vector, kLanes, load, load_partial, store, store_partial, fma, clamp (simd_f32_*.h).
#pragma once

#include "kernels/depthwise_f32.h"
#include "kernels/taps_inside.h"

namespace espalier::kernels {
namespace {

// P pixels from the first one, whose tap (0, 0) is at `map` + place: every tap in `columns` lies inside for all of
// them.
template <class Simd, int P, bool kPartial>
static void depthwise_f32_tile(const DepthwiseF32Plan& plan, const float* first, TapRange rows, TapRange columns,
                               const float* weights, const float* bias, int64_t count, float* y) {
  typename Simd::Vector sums[P];
#pragma GCC unroll 8
  for (int p = 0; p < P; ++p) sums[p] = Simd::load(bias);
  const int64_t step = plan.stride_x * plan.channels;
  for (int64_t ky = rows.begin; ky < rows.end; ++ky)
    for (int64_t kx = columns.begin; kx < columns.end; ++kx) {
      const float* x = first + (ky * plan.dilation_y * plan.width + kx * plan.dilation_x) * plan.channels;
      const typename Simd::Vector w = Simd::load(weights + (ky * plan.kernel_width + kx) * Simd::kLanes);
#pragma GCC unroll 8
      for (int p = 0; p < P; ++p)
        sums[p] = Simd::fma(kPartial ? Simd::load_partial(x + p * step, count) : Simd::load(x + p * step), w, sums[p]);
    }
#pragma GCC unroll 8
  for (int p = 0; p < P; ++p) {
    const typename Simd::Vector value = Simd::clamp(sums[p], plan.min, plan.max);
    if (kPartial) {
      Simd::store_partial(y + p * plan.channels, value, count);
    } else {
      Simd::store(y + p * plan.channels, value);
    }
  }
}

template <class Simd, bool kPartial>
static void depthwise_f32_row(const DepthwiseF32Plan& plan, const float* map, int64_t first_y, const float* weights,
                              const float* bias, int64_t count, float* y) {
  const TapRange rows = taps_inside(first_y, plan.dilation_y, plan.kernel_height, plan.height);
  const int64_t span = (plan.kernel_width - 1) * plan.dilation_x;
  const auto tile_at = [&](int64_t column) {
    return map + (first_y * plan.width + column * plan.stride_x - plan.pad_left) * plan.channels;
  };
  for (int64_t column = 0; column < plan.output_width;) {
    const int64_t first_x = column * plan.stride_x - plan.pad_left;
    const auto fits = [&](int64_t pixels) {
      return column + pixels <= plan.output_width && first_x >= 0 &&
             first_x + (pixels - 1) * plan.stride_x + span < plan.width;
    };
    const TapRange all = {.begin = 0, .end = plan.kernel_width};
    float* out = y + column * plan.channels;
    if (fits(8)) {
      depthwise_f32_tile<Simd, 8, kPartial>(plan, tile_at(column), rows, all, weights, bias, count, out);
      column += 8;
    } else if (fits(4)) {
      depthwise_f32_tile<Simd, 4, kPartial>(plan, tile_at(column), rows, all, weights, bias, count, out);
      column += 4;
    } else {
      const TapRange columns = taps_inside(first_x, plan.dilation_x, plan.kernel_width, plan.width);
      depthwise_f32_tile<Simd, 1, kPartial>(plan, tile_at(column), rows, columns, weights, bias, count, out);
      column += 1;
    }
  }
}

template <class Simd>
static void depthwise_f32_loop(const DepthwiseF32Plan& plan, const float* x, float* y, int64_t row_begin,
                               int64_t row_end, int64_t block_begin, int64_t block_end) {
  const int64_t taps = plan.kernel_height * plan.kernel_width;
  for (int64_t row = row_begin; row < row_end; ++row) {
    const int64_t n = row / plan.output_height;
    const int64_t first_y = row % plan.output_height * plan.stride_y - plan.pad_top;
    for (int64_t block = block_begin; block < block_end; ++block) {
      const int64_t channel = block * Simd::kLanes;
      const float* map = x + n * plan.height * plan.width * plan.channels + channel;
      const float* weights = plan.weights + block * taps * Simd::kLanes;
      const float* bias = plan.bias + channel;
      float* out = y + row * plan.output_width * plan.channels + channel;
      if (channel + Simd::kLanes <= plan.channels) {
        depthwise_f32_row<Simd, false>(plan, map, first_y, weights, bias, Simd::kLanes, out);
      } else {
        depthwise_f32_row<Simd, true>(plan, map, first_y, weights, bias, plan.channels - channel, out);
      }
    }
  }
}

}  // namespace
}  // namespace espalier::kernels
