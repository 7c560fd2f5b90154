// linear: y[..., o] = activation(bias[o] + sum over i of x[..., i] * w[o, i]): a fully connected layer over the last
// dimension. Weights may be constant or computed.
#include "numerics/float_sum.h"
#include "ops/convolution.h"

namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  const TensorType& x = node.inputs[0]->type;
  const TensorType& w = node.inputs[1]->type;
  TRY_STATUS(check_activation(node));
  if (x.type != w.type)
    return error("input and weights are {} and {}; both must have one type", name(x.type), name(w.type));
  if (x.shape.empty() || w.shape.size() != 2 || x.shape.back() != w.shape[1])
    return error("the input {} does not end in the {} features that the weights {} read", espalier::to_string(x.shape),
                 w.shape.empty() ? 0 : w.shape.back(), espalier::to_string(w.shape));
  if (w.shape[0] < 1 || w.shape[1] < 1) return error("the weights {} are empty", espalier::to_string(w));
  if (const Value* bias = node.input(2)) {
    const TensorType wanted{x.type == DataType::s8 ? DataType::s32 : DataType::f32, {w.shape[0]}};
    if (bias->type != wanted)
      return error("the bias is {}, {} is needed", espalier::to_string(bias->type), espalier::to_string(wanted));
  }
  TensorType output = x;
  output.shape.back() = w.shape[0];
  return std::vector<TensorType>{output};
}

template <class Element>
void for_each_output(const Node& node, Element element) {
  const int64_t outputs = node.inputs[1]->shape()[0];
  const int64_t inputs = node.inputs[1]->shape()[1];
  const int64_t rows = outputs == 0 ? 0 : element_count(node.output()->shape()) / outputs;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t o = 0; o < outputs; ++o) element(row * outputs + o, row * inputs, o, inputs);
}

void evaluate_f32(const EvalArgs& args) {
  const Clamp activation = activation_of(args.node);
  const float* x = args.in<float>(0);
  const float* w = args.in<float>(1);
  const float* bias = args.in<float>(2);
  for_each_output(args.node, [&](int64_t index, int64_t row, int64_t o, int64_t inputs) {
    float sum = bias == nullptr ? 0.0f : bias[o];
    for (int64_t i = 0; i < inputs; ++i) sum = fused_multiply_add(x[row + i], w[o * inputs + i], sum);
    args.out<float>()[index] = activation(sum);
  });
}

void evaluate_s8(const EvalArgs& args) {
  const std::vector<float> multipliers = requantize_multipliers(args.node, args.node.inputs[1]->shape()[0]);
  const OutputRange range = integer_activation_of(args.node);
  const int32_t input_zero = args.node.inputs[0]->zero_point();
  const int32_t weight_zero = args.node.inputs[1]->zero_point();
  const int32_t output_zero = args.node.output()->zero_point();
  const int8_t* x = args.in<int8_t>(0);
  const int8_t* w = args.in<int8_t>(1);
  const int32_t* bias = args.in<int32_t>(2);
  for_each_output(args.node, [&](int64_t index, int64_t row, int64_t o, int64_t inputs) {
    int32_t sum = bias == nullptr ? 0 : bias[o];
    for (int64_t i = 0; i < inputs; ++i) sum += (x[row + i] - input_zero) * (w[o * inputs + i] - weight_zero);
    args.out<int8_t>()[index] = requantize(sum, multipliers[static_cast<size_t>(o)], output_zero, range);
  });
}

int64_t count_macs(const Node& node) {
  return saturating_product({element_count(node.inputs[0]->shape()), node.inputs[1]->shape()[0]});
}

}  // namespace

const OpSpec linear = {
    .summary = "fully connected layer over the last dimension, with bias and activation",
    .inputs = {{"x", kF32 | kS8}, {"w", kF32 | kS8}, {"bias", kF32 | kS32, true}},
    .attributes = kActivationAttributes,
    .infer = infer,
    .evaluate = {{kF32, evaluate_f32}, {kS8, evaluate_s8}},
    .integer = IntegerRule::product_sum,
    .mac_count = count_macs,
};

}  // namespace espalier::ops
