// max_pool, average_pool and reduce_mean over maps: each output pixel gathers the channel runs of its taps.
#include <limits>
#include <vector>

#include "kernels/elements.h"
#include "kernels/kernels_of.h"
#include "kernels/split.h"
#include "kernels/taps_inside.h"
#include "ops/pool.h"

namespace espalier::kernels {
namespace {

template <DataType type>
Reason fits(const Node& node) {
  if (node.inputs[0]->type.type != type)
    return reason("the input is {}, not {}", name(node.inputs[0]->type.type), name(type));
  if (element_count(node.output()->shape()) == 0) return reason("the output is empty");
  return kApplies;
}

// Sums of int8 stay inside int32, and their conversion to float is that of the int64 sum.
constexpr int64_t kTapsMax = int64_t{1} << 22;

Reason average_fits_s8(const Node& node) {
  const Reason others = fits<DataType::s8>(node);
  if (!others.applies()) return others;
  const std::vector<int64_t> kernel = node.integers("kernel");
  if (kernel[0] > kTapsMax / kernel[1])
    return reason("a window has at most {} taps, it has {} x {}", kTapsMax, kernel[0], kernel[1]);
  return kApplies;
}

// Calls pixel(output offset, tap count, tap(i) -> input offset) for the thread's share of the output rows.
template <class Pixel>
void for_each_pixel(const ops::Pool& pool, const Call& call, Pixel pixel) {
  const ops::Window& window = pool.window;
  const Range rows = part_of(pool.batch * pool.output_height, call.thread_count, call.thread_index);
  for (int64_t row = rows.begin; row < rows.end; ++row) {
    const int64_t n = row / pool.output_height;
    const int64_t first_y = row % pool.output_height * window.stride_y - window.pad_top;
    const TapRange down = taps_inside(first_y, window.dilation_y, window.kernel_height, pool.height);
    for (int64_t column = 0; column < pool.output_width; ++column) {
      const int64_t first_x = column * window.stride_x - window.pad_left;
      const TapRange across = taps_inside(first_x, window.dilation_x, window.kernel_width, pool.width);
      const auto for_each_tap = [&](auto tap) {
        for (int64_t ky = down.begin; ky < down.end; ++ky)
          for (int64_t kx = across.begin; kx < across.end; ++kx)
            tap(((n * pool.height + first_y + ky * window.dilation_y) * pool.width + first_x + kx * window.dilation_x) *
                pool.channels);
      };
      pixel((row * pool.output_width + column) * pool.channels, (down.end - down.begin) * (across.end - across.begin),
            for_each_tap);
    }
  }
}

template <class T, void (*ElementLoops::*loop)(const T*, T*, int64_t)>
Prepared prepare_max(const Node& node, const ElementLoops& loops) {
  return {.scratch_size_bytes = 0, .run = [pool = ops::pool_of(node).value(), larger = loops.*loop](const Call& call) {
            const auto* x = static_cast<const T*>(call.inputs[0]);
            auto* y = static_cast<T*>(call.outputs[0]);
            for_each_pixel(pool, call, [&](int64_t to, int64_t, auto for_each_tap) {
              std::fill_n(y + to, pool.channels, std::numeric_limits<T>::lowest());
              for_each_tap([&](int64_t from) { larger(x + from, y + to, pool.channels); });
            });
          }};
}

Prepared prepare_average_f32(const Node& node, const ElementLoops& loops) {
  return {.scratch_size_bytes = 0,
          .run = [pool = ops::pool_of(node).value(), count_padding = node.integer("count_padding") != 0,
                  loops](const Call& call) {
            const auto* x = static_cast<const float*>(call.inputs[0]);
            auto* y = static_cast<float*>(call.outputs[0]);
            for_each_pixel(pool, call, [&](int64_t to, int64_t inside, auto for_each_tap) {
              std::fill_n(y + to, pool.channels, 0.0f);
              for_each_tap([&](int64_t from) { loops.sum_f32(x + from, y + to, pool.channels); });
              const int64_t all = pool.window.kernel_height * pool.window.kernel_width;
              loops.divide_f32(y + to, pool.channels, static_cast<float>(count_padding ? all : inside));
            });
          }};
}

Prepared prepare_average_s8(const Node& node, const ElementLoops& loops) {
  const Value& input = *node.inputs[0];
  const Value& output = *node.output();
  const Rescale rescale{
      .zero_a = input.zero_point(), .multiplier_a = input.scale() / output.scale(), .output_zero = output.zero_point()};
  const ops::Pool pool = ops::pool_of(node).value();
  return {.scratch_size_bytes = pool.channels * int64_t{sizeof(int32_t)},
          .run = [pool, rescale, count_padding = node.integer("count_padding") != 0, loops](const Call& call) {
            const auto* x = static_cast<const int8_t*>(call.inputs[0]);
            auto* y = static_cast<int8_t*>(call.outputs[0]);
            auto* sums = static_cast<int32_t*>(call.scratch);
            for_each_pixel(pool, call, [&](int64_t to, int64_t inside, auto for_each_tap) {
              std::fill_n(sums, pool.channels, 0);
              for_each_tap([&](int64_t from) { loops.sum_s8(x + from, sums, pool.channels); });
              const int64_t all = pool.window.kernel_height * pool.window.kernel_width;
              loops.average_s8(sums, y + to, pool.channels, static_cast<int32_t>(inside) * rescale.zero_a,
                               static_cast<float>(count_padding ? all : inside), rescale);
            });
          }};
}

// ---- reduce_mean ----
// [outer, pixels, channels]: the reduced axes stand side by side.
struct Means {
  int64_t outer = 1, pixels = 1, channels = 1;
};
Result<Means> means_of(const Node& node) {
  const Shape& shape = node.inputs[0]->shape();
  std::vector<bool> reduced(shape.size(), false);
  for (const int64_t axis : node.integers("axes")) reduced[static_cast<size_t>(axis)] = true;
  Means means;
  int part = 0;  // 0: before the reduced axes, 1: in them, 2: after
  for (size_t d = 0; d < shape.size(); ++d) {
    if (shape[d] == 1) continue;
    if (reduced[d] && part == 0) part = 1;
    if (!reduced[d] && part == 1) part = 2;
    if (reduced[d] && part == 2)
      return error("the reduced axes {} are not neighbours", fmt::join(node.integers("axes"), ","));
    (part == 0 ? means.outer : part == 1 ? means.pixels : means.channels) *= shape[d];
  }
  return means;
}

template <DataType type>
Reason mean_fits(const Node& node) {
  const Reason others = fits<type>(node);
  if (!others.applies()) return others;
  const Result<Means> means = means_of(node);
  if (!means.ok()) return Reason(means.error().message());
  if (means.value().pixels > kTapsMax)
    return reason("at most {} elements, they are {}", kTapsMax, means.value().pixels);
  return kApplies;
}

// Calls visit(input offset, output offset, channel count) for the thread's share.
template <class Visit>
void for_each_mean(const Means& means, const Call& call, Visit visit) {
  constexpr int64_t kBlock = 64;
  const int64_t blocks = (means.channels + kBlock - 1) / kBlock;
  const Range part = part_of(means.outer * blocks, call.thread_count, call.thread_index);
  for (int64_t index = part.begin; index < part.end; ++index) {
    const int64_t outer = index / blocks;
    const int64_t channel = index % blocks * kBlock;
    visit(outer * means.pixels * means.channels + channel, outer * means.channels + channel,
          std::min(kBlock, means.channels - channel));
  }
}

Prepared prepare_mean_f32(const Node& node, const ElementLoops& loops) {
  return {.scratch_size_bytes = 0, .run = [means = means_of(node).value(), mean = loops.mean_f32](const Call& call) {
            for_each_mean(means, call, [&](int64_t from, int64_t to, int64_t count) {
              mean(static_cast<const float*>(call.inputs[0]) + from, means.pixels, means.channels,
                   static_cast<float*>(call.outputs[0]) + to, count);
            });
          }};
}

Prepared prepare_mean_s8(const Node& node, const ElementLoops& loops) {
  const Value& input = *node.inputs[0];
  const Value& output = *node.output();
  const Rescale rescale{
      .zero_a = input.zero_point(), .multiplier_a = input.scale() / output.scale(), .output_zero = output.zero_point()};
  return {.scratch_size_bytes = 64 * sizeof(int32_t),
          .run = [means = means_of(node).value(), rescale, loops](const Call& call) {
            auto* sums = static_cast<int32_t*>(call.scratch);
            for_each_mean(means, call, [&](int64_t from, int64_t to, int64_t count) {
              std::fill_n(sums, count, 0);
              for (int64_t i = 0; i < means.pixels; ++i)
                loops.sum_s8(static_cast<const int8_t*>(call.inputs[0]) + from + i * means.channels, sums, count);
              loops.average_s8(sums, static_cast<int8_t*>(call.outputs[0]) + to, count,
                               static_cast<int32_t>(means.pixels) * rescale.zero_a, static_cast<float>(means.pixels),
                               rescale);
            });
          }};
}

}  // namespace

KERNELS_OF(max_pool_s8, "max_pool", element_loops, fits<DataType::s8>, prepare_max<int8_t, &ElementLoops::max_s8>)
KERNELS_OF(max_pool_f32, "max_pool", element_loops, fits<DataType::f32>, prepare_max<float, &ElementLoops::max_f32>)
KERNELS_OF(average_pool_s8, "average_pool", element_loops, average_fits_s8, prepare_average_s8)
KERNELS_OF(average_pool_f32, "average_pool", element_loops, fits<DataType::f32>, prepare_average_f32)
KERNELS_OF(reduce_mean_s8, "reduce_mean", element_loops, mean_fits<DataType::s8>, prepare_mean_s8)
KERNELS_OF(reduce_mean_f32, "reduce_mean", element_loops, mean_fits<DataType::f32>, prepare_mean_f32)

}  // namespace espalier::kernels
