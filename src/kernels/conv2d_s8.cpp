// Integer convolutions and matrix products: packs weights for the loop of an instruction set, cuts the map into areas
// whose staged input fits the second-level cache, and shares out the work.
#include "kernels/conv2d_s8.h"

#include <algorithm>
#include <vector>

#include "base/thread_pool.h"
#include "kernels/kernel.h"
#include "kernels/product.h"
#include "kernels/split.h"

namespace espalier::kernels {
namespace {

using ops::Convolution;

// How a loop wants its operands.
struct Variant {
  Conv2dS8Loop loop;
  int64_t lanes;
  int64_t depth;
  int64_t staged_size_bytes;  // of an element; weights have the same
  int32_t staged_offset;      // an element is staged as x + offset; 0 stands for x - zero_point
};
constexpr Variant kPortable = {conv2d_s8_loop_portable, 4, 1, 2, 0};
#if defined(__x86_64__)
constexpr Variant kAvx2 = {conv2d_s8_loop_avx2, 8, 2, 2, 0};
constexpr Variant kAvx512 = {conv2d_s8_loop_avx512vnni, 16, 4, 1, 128};
#endif

// Everything that a prepared kernel keeps.
struct Bound {
  Conv2dS8Plan plan;
  std::vector<Conv2dS8Block> blocks;
  std::vector<int64_t> run_offsets;
  Tensor weights;
  Tensor bias;
  Tensor multipliers;
  int64_t area_count = 0;
  int64_t staged_size_bytes = 0;
};

Reason fits(const Node& node) {
  if (node.inputs[0]->type.type != DataType::s8) return reason("the input is {}, not s8", name(node.inputs[0]->type.type));
  return product_has_constants(node);
}

Reason fits_unsigned(const Node& node) {
  const Reason others = fits(node);
  if (!others.applies()) return others;
  const int32_t zero = node.inputs[1]->zero_point();
  if (zero != 0) return reason("weights need the zero point 0 to stay signed bytes, theirs is {}", zero);
  return kApplies;
}

// A run of Conv2dS8Plan: the elements that one row of weights multiplies.
struct Runs {
  int64_t down, across;  // runs per kernel column and per kernel row
  int64_t length;        // elements
};
Runs runs_of(const Convolution& conv) {
  const ops::Window& window = conv.window;
  if (window.dilation_x == 1 && conv.groups == 1)
    return {window.kernel_height, 1, window.kernel_width * conv.input_channels};
  return {window.kernel_height, window.kernel_width, conv.group_input_channels()};
}

void put_weight(void* weights, int64_t size_bytes, int64_t index, int32_t value) {
  if (size_bytes == 1) {
    static_cast<int8_t*>(weights)[index] = static_cast<int8_t>(value);
  } else {
    static_cast<int16_t*>(weights)[index] = static_cast<int16_t>(value);
  }
}

void pack(const Node& node, const Convolution& conv, const Variant& variant, Bound& bound) {
  const Runs runs = runs_of(conv);
  const int64_t run_count = runs.down * runs.across;
  const int64_t steps = (runs.length + variant.depth - 1) / variant.depth;
  const int64_t group_outputs = conv.group_output_channels();
  const int64_t vectors_per_group = (group_outputs + variant.lanes - 1) / variant.lanes;
  const int64_t lane_count = conv.groups * vectors_per_group * variant.lanes;
  bound.weights = Tensor(variant.staged_size_bytes == 1 ? DataType::s8 : DataType::s16,
                         {lane_count * run_count * steps * variant.depth});
  bound.bias = Tensor(DataType::s32, {lane_count});
  bound.multipliers = Tensor(DataType::f32, {lane_count});
  char* weights = static_cast<char*>(bound.weights.mutable_bytes());
  auto* bias = bound.bias.mutable_data<int32_t>();
  auto* multipliers = bound.multipliers.mutable_data<float>();
  const auto* from = node.inputs[1]->constant.data<int8_t>();
  const int32_t weight_zero = node.inputs[1]->zero_point();
  const int32_t* from_bias = node.input(2) == nullptr ? nullptr : node.input(2)->constant.data<int32_t>();
  const std::vector<float> channel_multipliers = ops::requantize_multipliers(node, conv.output_channels);
  // What the sum holds too much: (offset + zero_point) * sum(w). Modulo 2^32, like the sums themselves.
  const auto excess =
      static_cast<uint32_t>(variant.staged_offset == 0 ? 0 : variant.staged_offset + node.inputs[0]->zero_point());

  for (int64_t group = 0; group < conv.groups; ++group)
    for (int64_t first = 0; first < vectors_per_group;) {
      const int64_t vectors =
          block_vectors(vectors_per_group - first, conv.batch * conv.output_height * conv.output_width);
      const int64_t width = vectors * variant.lanes;
      const int64_t output = group * group_outputs + first * variant.lanes;
      const int64_t count = std::min(width, group_outputs - first * variant.lanes);
      for (int64_t o = 0; o < count; ++o) {
        uint32_t weight_sum = 0;
        for (int64_t run = 0; run < run_count; ++run)
          for (int64_t i = 0; i < runs.length; ++i) {
            const int32_t w = from[((output + o) * run_count + run) * runs.length + i] - weight_zero;
            weight_sum += static_cast<uint32_t>(w);
            put_weight(weights, variant.staged_size_bytes,
                       ((run * steps + i / variant.depth) * width + o) * variant.depth + i % variant.depth, w);
          }
        const uint32_t start = from_bias == nullptr ? 0 : static_cast<uint32_t>(from_bias[output + o]);
        bias[o] = static_cast<int32_t>(start - excess * weight_sum);
        multipliers[o] = channel_multipliers[static_cast<size_t>(output + o)];
      }
      bound.blocks.push_back({.weights = weights, .bias = bias, .multipliers = multipliers,
                              .input_channel = group * conv.group_input_channels(), .output_channel = output,
                              .count = count, .vectors = vectors});
      weights += width * run_count * steps * variant.depth * variant.staged_size_bytes;
      bias += width;
      multipliers += width;
      first += vectors;
    }
}

// Areas as large as the cache allows, so that weights are read seldom, and of nearly equal size.
void cut_into_areas(const Convolution& conv, int64_t element_size_bytes, Bound& bound) {
  constexpr int64_t kStagedBytes = 96 << 10;
  constexpr int64_t kColumnStep = 28;  // whole tiles of every instruction set
  Conv2dS8Plan& plan = bound.plan;
  const int64_t pixel_bytes = conv.input_channels * element_size_bytes;
  const auto staged_columns = [&](int64_t columns) { return (columns - 1) * plan.stride_x + plan.span_x; };
  const auto staged_rows = [&](int64_t rows) { return (rows - 1) * plan.stride_y + plan.span_y; };

  const int64_t row_bytes_max = kStagedBytes / plan.span_y;
  const int64_t columns_max = std::max(kColumnStep, (row_bytes_max / pixel_bytes - plan.span_x) / plan.stride_x + 1);
  plan.areas_across = (plan.output_width + columns_max - 1) / columns_max;
  plan.area_columns = (plan.output_width + plan.areas_across - 1) / plan.areas_across;
  if (plan.areas_across > 1) plan.area_columns = (plan.area_columns + kColumnStep - 1) / kColumnStep * kColumnStep;
  plan.areas_across = (plan.output_width + plan.area_columns - 1) / plan.area_columns;
  plan.staged_columns = staged_columns(plan.area_columns);

  const int64_t rows_in = kStagedBytes / (plan.staged_columns * pixel_bytes);
  const int64_t rows_max = std::max<int64_t>(1, (rows_in - plan.span_y) / plan.stride_y + 1);
  plan.areas_down = (plan.output_height + rows_max - 1) / rows_max;
  plan.area_rows = (plan.output_height + plan.areas_down - 1) / plan.areas_down;
  plan.areas_down = (plan.output_height + plan.area_rows - 1) / plan.area_rows;

  bound.area_count = conv.batch * plan.areas_down * plan.areas_across;
  constexpr int64_t kReadPast = 64;  // the last step of the last run
  bound.staged_size_bytes = staged_rows(plan.area_rows) * plan.staged_columns * pixel_bytes + kReadPast;
}

Prepared prepare_convolution(const Node& node, const Convolution& conv, const Variant& variant) {
  const auto bound = std::make_shared<Bound>();
  const ops::Window& window = conv.window;
  const OutputRange range = ops::integer_activation_of(node);
  const Runs runs = runs_of(conv);
  pack(node, conv, variant, *bound);
  bound->plan = {.height = conv.height, .width = conv.width, .input_channels = conv.input_channels,
                 .output_height = conv.output_height, .output_width = conv.output_width,
                 .output_channels = conv.output_channels, .kernel_height = window.kernel_height,
                 .stride_y = window.stride_y, .stride_x = window.stride_x, .dilation_y = window.dilation_y,
                 .pad_top = window.pad_top, .pad_left = window.pad_left, .span_y = window.span_y(),
                 .span_x = window.span_x(), .run_count = runs.down * runs.across,
                 .steps_per_run = (runs.length + variant.depth - 1) / variant.depth,
                 .input_zero = node.inputs[0]->zero_point(), .output_zero = node.output()->zero_point(),
                 .min = range.min, .max = range.max, .blocks = bound->blocks.data()};
  cut_into_areas(conv, variant.staged_size_bytes, *bound);
  for (int64_t down = 0; down < runs.down; ++down)
    for (int64_t across = 0; across < runs.across; ++across)
      bound->run_offsets.push_back((down * window.dilation_y * bound->plan.staged_columns + across * window.dilation_x) *
                                   conv.input_channels);
  bound->plan.run_offsets = bound->run_offsets.data();
  return {.scratch_size_bytes = bound->staged_size_bytes, .run = [bound, variant](const Call& call) {
            const Share share = share_of(bound->area_count, static_cast<int64_t>(bound->blocks.size()), call);
            variant.loop(bound->plan, static_cast<const int8_t*>(call.inputs[0]), static_cast<int8_t*>(call.outputs[0]),
                         call.scratch, share.rows.begin, share.rows.end, share.columns.begin, share.columns.end);
          }};
}

template <const Variant& variant>
Prepared prepare_conv2d(const Node& node) {
  return prepare_convolution(node, as_one_row(ops::convolution_of(node).value()), variant);
}

template <const Variant& variant>
Prepared prepare_linear(const Node& node) {
  return prepare_convolution(node, convolution_of_linear(node), variant);
}

}  // namespace

#define CONV2D_S8(isa_name, variant, when_fits)                                                                      \
  const Kernel conv2d_s8_##isa_name = {.name = "conv2d_s8_" #isa_name, .op = "conv2d", .isa = Isa::isa_name,         \
                                       .when = when_fits, .prepare = prepare_conv2d<variant>};                      \
  const Kernel linear_s8_##isa_name = {.name = "linear_s8_" #isa_name, .op = "linear", .isa = Isa::isa_name,         \
                                       .when = when_fits, .prepare = prepare_linear<variant>};
CONV2D_S8(portable, kPortable, fits)
#if defined(__x86_64__)
CONV2D_S8(avx2, kAvx2, fits)
CONV2D_S8(avx512vnni, kAvx512, fits_unsigned)
#endif
#undef CONV2D_S8

}  // namespace espalier::kernels
