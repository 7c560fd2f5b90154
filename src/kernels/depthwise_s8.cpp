// Integer depthwise convolutions: packs weights for the loop of an instruction set and shares out the work.
#include "kernels/depthwise_s8.h"

#include <algorithm>
#include <vector>

#include "kernels/cut_into_areas.h"
#include "kernels/kernel.h"
#include "kernels/product.h"
#include "kernels/split.h"

namespace espalier::kernels {
namespace {

// Everything that a prepared kernel keeps.
struct Bound {
  DepthwiseS8Plan plan;
  std::vector<int64_t> tap_offsets;
  Tensor weights;
  Tensor bias;
  Tensor multipliers;
};

Reason fits(const Node& node) {
  if (node.inputs[0]->type.type != DataType::s8)
    return reason("the input is {}, not s8", name(node.inputs[0]->type.type));
  const ops::Convolution conv = ops::convolution_of(node).value();
  if (!conv.is_depthwise())
    return reason("{} groups of {} input and {} output channels are not depthwise", conv.groups,
                  conv.group_input_channels(), conv.group_output_channels());
  const Reason constants = product_has_constants(node);
  return constants.applies() ? areas_fit_in_memory(conv, sizeof(int16_t)) : constants;
}

void pack(const Node& node, const ops::Convolution& conv, int64_t block_channels, Bound& bound) {
  const int64_t taps = conv.window.kernel_height * conv.window.kernel_width;
  const int64_t pairs = (taps + 1) / 2;
  const int64_t channels = conv.input_channels;
  const int64_t padded = (channels + block_channels - 1) / block_channels * block_channels;
  bound.weights = Tensor(DataType::s16, {padded * pairs * 2});
  bound.bias = Tensor(DataType::s32, {padded});
  bound.multipliers = Tensor(DataType::f32, {padded});
  const std::vector<float> multipliers = ops::requantize_multipliers(node, channels);
  const auto* from = node.inputs[1]->constant.data<int8_t>();
  const int32_t weight_zero = node.inputs[1]->zero_point();
  for (int64_t c = 0; c < channels; ++c) {
    const int64_t block = c / block_channels;
    const int64_t inside = c % block_channels;
    const int64_t half = inside % 8 / 4;
    const int64_t lane = inside / 8 * 4 + inside % 4;
    const int64_t at = block * block_channels + half * (block_channels / 2) + lane;
    if (node.input(2) != nullptr) bound.bias.mutable_data<int32_t>()[at] = node.input(2)->constant.data<int32_t>()[c];
    bound.multipliers.mutable_data<float>()[at] = multipliers[static_cast<size_t>(c)];
    for (int64_t tap = 0; tap < taps; ++tap)
      bound.weights.mutable_data<int16_t>()[(((block * pairs + tap / 2) * 2 + half) * (block_channels / 2) + lane) * 2 +
                                            tap % 2] = static_cast<int16_t>(from[c * taps + tap] - weight_zero);
  }
}

template <DepthwiseS8Loop loop, int block_channels>
Prepared prepare(const Node& node) {
  const ops::Convolution conv = ops::convolution_of(node).value();
  const ops::Window& window = conv.window;
  const OutputRange range = ops::integer_activation_of(node);
  const auto bound = std::make_shared<Bound>();
  pack(node, conv, block_channels, *bound);
  const CutMap cut = cut_into_areas(conv, node.inputs[0]->zero_point(), sizeof(int16_t));
  for (int64_t ky = 0; ky < window.kernel_height; ++ky)
    for (int64_t kx = 0; kx < window.kernel_width; ++kx)
      bound->tap_offsets.push_back((ky * window.dilation_y * cut.areas.staged_columns + kx * window.dilation_x) *
                                   conv.input_channels);
  // The partner of an odd last tap is any readable one.
  if (bound->tap_offsets.size() % 2 == 1) bound->tap_offsets.push_back(bound->tap_offsets.back());
  bound->plan = {.areas = cut.areas,
                 .pair_count = static_cast<int64_t>(bound->tap_offsets.size()) / 2,
                 .tap_offsets = bound->tap_offsets.data(),
                 .weights = bound->weights.data<int16_t>(),
                 .bias = bound->bias.data<int32_t>(),
                 .multipliers = bound->multipliers.data<float>(),
                 .output_zero = node.output()->zero_point(),
                 .min = range.min,
                 .max = range.max};
  const int64_t block_count = (conv.input_channels + block_channels - 1) / block_channels;
  return {.scratch_size_bytes = cut.staged_size_bytes,
          .run = [bound, block_count, area_count = cut.area_count](const Call& call) {
            const Share share = share_of(area_count, block_count, call);
            loop(bound->plan, static_cast<const int8_t*>(call.inputs[0]), static_cast<int8_t*>(call.outputs[0]),
                 call.scratch, share.rows.begin, share.rows.end, share.columns.begin, share.columns.end);
          }};
}

}  // namespace

#define DEPTHWISE_S8(isa_name, block_channels)                               \
  const Kernel depthwise_s8_##isa_name = {.name = "depthwise_s8_" #isa_name, \
                                          .op = "conv2d",                    \
                                          .isa = Isa::isa_name,              \
                                          .when = fits,                      \
                                          .prepare = prepare<depthwise_s8_loop_##isa_name, block_channels>};
DEPTHWISE_S8(portable, 8)
#if defined(__x86_64__)
DEPTHWISE_S8(avx2, 16)
DEPTHWISE_S8(avx512vnni, 32)
#elif defined(__aarch64__)
DEPTHWISE_S8(neon, 8)
#endif
#undef DEPTHWISE_S8

}  // namespace espalier::kernels
