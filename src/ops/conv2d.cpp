// conv2d: y[o] = activation(bias[o] + sum over taps and input channels of x * w[o]), on NHWC maps with OHWI weights.
// With groups g, output channel o reads the input channels of its group only; depthwise is groups = channels.
#include "numerics/float_sum.h"
#include "ops/convolution.h"

namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  const Convolution conv = TRY(convolution_of(node));
  TRY_STATUS(check_activation(node));
  const DataType type = node.inputs[0]->type.type;
  if (node.inputs[1]->type.type != type)
    return error("input and weights are {} and {}; both must have one type", name(type),
                 name(node.inputs[1]->type.type));
  if (const Value* bias = node.input(2)) {
    const DataType wanted = type == DataType::s8 ? DataType::s32 : DataType::f32;
    if (bias->type != TensorType{wanted, {conv.output_channels}})
      return error("the bias is {}, {} is needed", espalier::to_string(bias->type),
                   espalier::to_string(TensorType{wanted, {conv.output_channels}}));
  }
  return std::vector<TensorType>{{type, {conv.batch, conv.output_height, conv.output_width, conv.output_channels}}};
}

// Calls step(input element, weight element) for every tap that lies inside the map, in the order of the norm: taps
// outer, input channels inner, ascending. A padded tap is no step.
template <class Step>
void for_each_product(const Convolution& conv, int64_t n, int64_t y, int64_t x, int64_t o, Step step) {
  const Window& window = conv.window;
  const int64_t channels = conv.group_input_channels();
  const int64_t first_channel = o / conv.group_output_channels() * channels;
  for (int64_t ky = 0; ky < window.kernel_height; ++ky) {
    const int64_t in_y = y * window.stride_y - window.pad_top + ky * window.dilation_y;
    if (in_y < 0 || in_y >= conv.height) continue;
    for (int64_t kx = 0; kx < window.kernel_width; ++kx) {
      const int64_t in_x = x * window.stride_x - window.pad_left + kx * window.dilation_x;
      if (in_x < 0 || in_x >= conv.width) continue;
      const int64_t input = ((n * conv.height + in_y) * conv.width + in_x) * conv.input_channels + first_channel;
      const int64_t weight = ((o * window.kernel_height + ky) * window.kernel_width + kx) * channels;
      for (int64_t c = 0; c < channels; ++c) step(input + c, weight + c);
    }
  }
}

template <class Element>
void for_each_output(const Convolution& conv, Element element) {
  int64_t index = 0;
  for (int64_t n = 0; n < conv.batch; ++n)
    for (int64_t y = 0; y < conv.output_height; ++y)
      for (int64_t x = 0; x < conv.output_width; ++x)
        for (int64_t o = 0; o < conv.output_channels; ++o) element(index++, n, y, x, o);
}

void evaluate_f32(const EvalArgs& args) {
  const Convolution conv = convolution_of(args.node).value();
  const Clamp activation = activation_of(args.node);
  const float* x = args.in<float>(0);
  const float* w = args.in<float>(1);
  const float* bias = args.in<float>(2);
  float* y = args.out<float>();
  for_each_output(conv, [&](int64_t index, int64_t n, int64_t row, int64_t column, int64_t o) {
    float sum = bias == nullptr ? 0.0f : bias[o];
    for_each_product(conv, n, row, column, o, [&](int64_t i, int64_t j) { sum = fused_multiply_add(x[i], w[j], sum); });
    y[index] = activation(sum);
  });
}

// Padding is the real 0, that is the zero point: it adds nothing to sum (x - zero_point) * w.
void evaluate_s8(const EvalArgs& args) {
  const Convolution conv = convolution_of(args.node).value();
  const std::vector<float> multipliers = requantize_multipliers(args.node, conv.output_channels);
  const OutputRange range = integer_activation_of(args.node);
  const int32_t input_zero = args.node.inputs[0]->zero_point();
  const int32_t weight_zero = args.node.inputs[1]->zero_point();
  const int32_t output_zero = args.node.output()->zero_point();
  const int8_t* x = args.in<int8_t>(0);
  const int8_t* w = args.in<int8_t>(1);
  const int32_t* bias = args.in<int32_t>(2);
  int8_t* y = args.out<int8_t>();
  for_each_output(conv, [&](int64_t index, int64_t n, int64_t row, int64_t column, int64_t o) {
    int32_t sum = bias == nullptr ? 0 : bias[o];
    for_each_product(conv, n, row, column, o,
                     [&](int64_t i, int64_t j) { sum += (x[i] - input_zero) * (w[j] - weight_zero); });
    y[index] = requantize(sum, multipliers[static_cast<size_t>(o)], output_zero, range);
  });
}

int64_t count_macs(const Node& node) {
  const Convolution conv = convolution_of(node).value();
  return saturating_product({conv.batch, conv.output_height, conv.output_width, conv.output_channels,
                             conv.window.kernel_height, conv.window.kernel_width, conv.group_input_channels()});
}

}  // namespace

Result<Convolution> convolution_of(const Node& node) {
  const Shape& x = node.inputs[0]->shape();
  const Shape& w = node.inputs[1]->shape();
  if (x.size() != 4) return error("the input has {} dimensions, NHWC has 4", x.size());
  if (w.size() != 4) return error("the weights have {} dimensions, OHWI has 4", w.size());
  Convolution conv{.batch = x[0], .height = x[1], .width = x[2], .input_channels = x[3]};
  conv.output_channels = w[0];
  conv.groups = node.integer("groups", 1);
  if (conv.groups < 1 || conv.input_channels % conv.groups != 0 || conv.output_channels % conv.groups != 0)
    return error("{} groups do not divide {} input and {} output channels", conv.groups, conv.input_channels,
                 conv.output_channels);
  if (conv.output_channels < 1 || w[3] < 1) return error("the weights {} are empty", espalier::to_string(w));
  if (w[3] != conv.group_input_channels())
    return error("the input has {} channels in {} groups but the weights expect {} a group", conv.input_channels,
                 conv.groups, w[3]);
  conv.window = TRY(window_of(node, w[1], w[2]));
  const auto [height, width] = TRY(window_output(conv.window, conv.height, conv.width));
  conv.output_height = height;
  conv.output_width = width;
  return conv;
}

std::vector<float> requantize_multipliers(const Node& node, int64_t channel_count) {
  const Quantization& weights = *node.inputs[1]->quantization;
  std::vector<float> multipliers;
  for (int64_t channel = 0; channel < channel_count; ++channel)
    multipliers.push_back(requantize_multiplier(node.inputs[0]->scale(),
                                                weights.scales[weights.per_tensor() ? 0 : static_cast<size_t>(channel)],
                                                node.output()->scale()));
  return multipliers;
}

const OpSpec conv2d = {
    .summary = "2-d convolution of an NHWC map with OHWI weights, bias and activation; groups = channels is depthwise",
    .inputs = {{"x", kF32 | kS8}, {"w", kF32 | kS8}, {"bias", kF32 | kS32, true}},
    .attributes = joined(joined(kWindowAttributes, kActivationAttributes),
                         {{"groups", kInteger, "groups of channels that do not mix, default 1"}}),
    .infer = infer,
    .evaluate = {{kF32, evaluate_f32}, {kS8, evaluate_s8}},
    .integer = IntegerRule::product_sum,
    .mac_count = count_macs,
};

}  // namespace espalier::ops
