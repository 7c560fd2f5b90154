// Integer convolutions and matrix products: packs weights for the loop of an instruction set and shares out the
// work.
#include "kernels/conv2d_s8.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "base/thread_pool.h"
#include "kernels/cut_into_areas.h"
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
  int32_t staged_offset;      // an element is staged as x + offset, or as x - zero_point
  BlockVectors block_vectors;
};
constexpr int32_t kMinusZeroPoint = std::numeric_limits<int32_t>::min();
constexpr Variant kPortable = {conv2d_s8_loop_portable, 4, 1, 2, kMinusZeroPoint, kBlockVectors};
#if defined(__x86_64__)
constexpr Variant kAvx2 = {conv2d_s8_loop_avx2, 8, 2, 2, kMinusZeroPoint, kBlockVectors};
constexpr Variant kAvx512 = {conv2d_s8_loop_avx512vnni, 16, 4, 1, 128, kBlockVectors};
#elif defined(__aarch64__)
constexpr Variant kNeon = {conv2d_s8_loop_neon, 4, 16, 1, 0, kBlockVectorsNeon};
constexpr Variant kNeonDot = {conv2d_s8_loop_neondot, 8, 4, 1, 0, kBlockVectorsNeonDot};
#endif

// Everything that a prepared kernel keeps.
struct Bound {
  Conv2dS8Plan plan;
  std::vector<Conv2dS8Block> blocks;
  std::vector<int64_t> run_offsets;
  Tensor weights;
  Tensor bias;
  Tensor multipliers;
};

// "the input is {}, not s8"
Reason fits(const Node& node) {
  if (node.inputs[0]->type.type != DataType::s8)
    return reason("the input is {}, not s8", name(node.inputs[0]->type.type));
  const Reason constants = product_has_constants(node);
  if (!constants.applies() || node.op != "conv2d") return constants;
  return areas_fit_in_memory(ops::convolution_of(node).value(), sizeof(int16_t));
}

#if defined(__x86_64__) || defined(__aarch64__)
// "weights need the zero point 0 to stay signed bytes, theirs is {}"
Reason fits_bytes(const Node& node) {
  const Reason others = fits(node);
  if (!others.applies()) return others;
  const int32_t zero = node.inputs[1]->zero_point();
  if (zero != 0) return reason("weights need the zero point 0 to stay signed bytes, theirs is {}", zero);
  return kApplies;
}
#endif

#if defined(__aarch64__)
// "weight {} is -128; sums of two products with it may not fit 16 bits"
Reason fits_word_sums(const Node& node) {
  const Reason others = fits_bytes(node);
  if (!others.applies()) return others;
  const Tensor& weights = node.inputs[1]->constant;
  const auto* first = weights.data<int8_t>();
  const auto* lowest = std::find(first, first + weights.count(), int8_t{-128});
  if (lowest != first + weights.count())
    return reason("weight {} is -128; sums of two products with it may not fit 16 bits", lowest - first);
  return kApplies;
}
#endif

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
  const auto excess = static_cast<uint32_t>(
      variant.staged_offset == kMinusZeroPoint ? 0 : variant.staged_offset + node.inputs[0]->zero_point());

  for (int64_t group = 0; group < conv.groups; ++group)
    for (int64_t first = 0; first < vectors_per_group;) {
      const int64_t vectors = block_vectors(vectors_per_group - first,
                                            conv.batch * conv.output_height * conv.output_width, variant.block_vectors);
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
      bound.blocks.push_back({.weights = weights,
                              .bias = bias,
                              .multipliers = multipliers,
                              .input_channel = group * conv.group_input_channels(),
                              .output_channel = output,
                              .count = count,
                              .vectors = vectors});
      weights += width * run_count * steps * variant.depth * variant.staged_size_bytes;
      bias += width;
      multipliers += width;
      first += vectors;
    }
}

Prepared prepare_convolution(const Node& node, const Convolution& conv, const Variant& variant) {
  const auto bound = std::make_shared<Bound>();
  const ops::Window& window = conv.window;
  const OutputRange range = ops::integer_activation_of(node);
  const Runs runs = runs_of(conv);
  pack(node, conv, variant, *bound);
  const CutMap cut = cut_into_areas(conv, node.inputs[0]->zero_point(), variant.staged_size_bytes);
  bound->plan = {.areas = cut.areas,
                 .output_channels = conv.output_channels,
                 .run_count = runs.down * runs.across,
                 .steps_per_run = (runs.length + variant.depth - 1) / variant.depth,
                 .output_zero = node.output()->zero_point(),
                 .min = range.min,
                 .max = range.max,
                 .blocks = bound->blocks.data()};
  for (int64_t down = 0; down < runs.down; ++down)
    for (int64_t across = 0; across < runs.across; ++across)
      bound->run_offsets.push_back((down * window.dilation_y * cut.areas.staged_columns + across * window.dilation_x) *
                                   conv.input_channels);
  bound->plan.run_offsets = bound->run_offsets.data();
  return {.scratch_size_bytes = cut.staged_size_bytes,
          .run = [bound, variant, area_count = cut.area_count](const Call& call) {
            const Share share = share_of(area_count, static_cast<int64_t>(bound->blocks.size()), call);
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

#define CONV2D_S8(isa_name, variant, when_fits)                             \
  const Kernel conv2d_s8_##isa_name = {.name = "conv2d_s8_" #isa_name,      \
                                       .op = "conv2d",                      \
                                       .isa = Isa::isa_name,                \
                                       .when = when_fits,                   \
                                       .prepare = prepare_conv2d<variant>}; \
  const Kernel linear_s8_##isa_name = {.name = "linear_s8_" #isa_name,      \
                                       .op = "linear",                      \
                                       .isa = Isa::isa_name,                \
                                       .when = when_fits,                   \
                                       .prepare = prepare_linear<variant>};
CONV2D_S8(portable, kPortable, fits)
#if defined(__x86_64__)
CONV2D_S8(avx2, kAvx2, fits)
CONV2D_S8(avx512vnni, kAvx512, fits_bytes)
#elif defined(__aarch64__)
CONV2D_S8(neon, kNeon, fits_word_sums)
CONV2D_S8(neondot, kNeonDot, fits_bytes)
#endif
#undef CONV2D_S8

}  // namespace espalier::kernels
