// Our integer operators as QLinearConv, QLinearMatMul and the operators of ONNX Runtime's quantizer. Where ONNX
// Runtime's integers differ, the operator says so; tests/write/export_test.py measures it.
#include <algorithm>
#include <unordered_map>

#include "write/onnx/writer.h"

namespace espalier::write::onnx {
namespace {

// x, scale, zero point.
void append_input(Op& op, std::vector<std::string>& inputs, size_t index, Layout layout) {
  const auto [scale, zero] = op.writer().scale_and_zero_point(*op.node().inputs[index]);
  inputs.insert(inputs.end(), {op.in_broadcast(index, layout), scale, zero});
}

// Weights as they are (s8), with their scales and as many equal zero points.
void append_weights(Op& op, std::vector<std::string>& inputs, const Tensor& weights) {
  const Quantization& quantization = *op.node().inputs[1]->quantization;
  const Shape shape = quantization.per_tensor() ? Shape{} : Shape{static_cast<int64_t>(quantization.scales.size())};
  Tensor scales(DataType::f32, shape);
  std::copy(quantization.scales.begin(), quantization.scales.end(), scales.mutable_data<float>());
  Tensor zero(DataType::s8, shape);
  std::fill_n(zero.mutable_data<int8_t>(), zero.count(), static_cast<int8_t>(quantization.zero_point));
  inputs.insert(inputs.end(), {op.constant("weights", weights), op.constant("weight_scales", scales),
                               op.constant("weight_zero_points", zero)});
}

void append_output(Op& op, std::vector<std::string>& inputs) {
  const auto [scale, zero] = op.writer().scale_and_zero_point(*op.node().output());
  inputs.insert(inputs.end(), {scale, zero});
}

// OHWI -> OIHW.
Tensor spatial_last(const Tensor& weights) {
  const Shape& w = weights.shape();
  Tensor result(DataType::s8, {w[0], w[3], w[1], w[2]});
  int8_t* to = result.mutable_data<int8_t>();
  for (int64_t o = 0; o < w[0]; ++o)
    for (int64_t i = 0; i < w[3]; ++i)
      for (int64_t tap = 0; tap < w[1] * w[2]; ++tap)
        *to++ = weights.data<int8_t>()[(o * w[1] * w[2] + tap) * w[3] + i];
  return result;
}

// Equal in every byte where ONNX Runtime does not saturate 16-bit sums.
Status write_integer_conv2d(Op& op) {
  const Node& node = op.node();
  Attributes attributes;
  for (const auto& [ours, theirs] : {std::pair{"strides", "strides"}, {"padding", "pads"}, {"dilations", "dilations"}})
    if (node.has(ours)) attributes[theirs] = node.attributes.at(ours);
  const Shape& w = node.inputs[1]->shape();
  attributes["kernel_shape"] = std::vector<int64_t>{w[1], w[2]};
  if (node.has("groups")) attributes["group"] = node.integer("groups");
  std::vector<std::string> inputs;
  append_input(op, inputs, 0, Layout::nchw);
  append_weights(op, inputs, spatial_last(node.inputs[1]->constant));
  append_output(op, inputs);
  if (node.input(2) != nullptr) inputs.push_back(op.constant("bias", node.inputs[2]->constant));
  return op.done(op.made("QLinearConv", inputs, attributes), Layout::nchw);
}

bool is_zero(const Value* bias) {
  if (bias == nullptr) return true;
  const int32_t* sums = bias->constant.data<int32_t>();
  return std::all_of(sums, sums + bias->constant.count(), [](int32_t sum) { return sum == 0; });
}

// [outputs, inputs] -> [inputs, outputs]
Tensor columns(const Tensor& weights) {
  const Shape& w = weights.shape();
  Tensor result(DataType::s8, {w[1], w[0]});
  for (int64_t o = 0; o < w[0]; ++o)
    for (int64_t i = 0; i < w[1]; ++i)
      result.mutable_data<int8_t>()[i * w[0] + o] = weights.data<int8_t>()[o * w[1] + i];
  return result;
}

// With a bias it is a 1x1 QLinearConv over the rows, since QLinearMatMul has none. Equal in every byte.
Status write_integer_linear(Op& op) {
  const Node& node = op.node();
  const Shape& w = node.inputs[1]->shape();
  std::vector<std::string> inputs;
  append_input(op, inputs, 0, Layout::plain);
  if (is_zero(node.input(2))) {
    append_weights(op, inputs, columns(node.inputs[1]->constant));
    append_output(op, inputs);
    return op.done(op.made("QLinearMatMul", inputs), Layout::plain);
  }
  const int64_t rows = element_count(node.inputs[0]->shape()) / w[1];
  inputs[0] = op.helper("Reshape", {inputs[0], op.constant("rows", {rows, w[1], 1, 1})});
  append_weights(op, inputs, node.inputs[1]->constant.reshaped({w[0], w[1], 1, 1}));
  append_output(op, inputs);
  inputs.push_back(op.constant("bias", node.inputs[2]->constant));
  const std::string y = op.made("QLinearConv", inputs);
  return op.done(op.made("Reshape", {y, op.constant("shape", node.output()->shape())}), Layout::plain);
}

// Of two computed matrices.
Status write_integer_matmul(Op& op) {
  std::vector<std::string> inputs;
  append_input(op, inputs, 0, Layout::plain);
  append_input(op, inputs, 1, Layout::plain);
  append_output(op, inputs);
  return op.done(op.made("QLinearMatMul", inputs), Layout::plain);
}

Status write_pair(Op& op, const std::string& name) {
  const Layout layout = op.layout_at_hand();
  std::vector<std::string> inputs;
  append_input(op, inputs, 0, layout);
  append_input(op, inputs, 1, layout);
  append_output(op, inputs);
  return op.done(op.made(name, inputs), layout);
}

// ONNX Runtime folds both zero points into one constant and adds by fused multiply-adds: up to one step beside, for 2
// in 10000 elements of resnet20 and 14 of efficientnet_lite0. With the sums written as DequantizeLinear by quotients of
// scales, Add, and QuantizeLinear by 1, all bytes of these networks are equal.
Status write_integer_add(Op& op) { return write_pair(op, "QLinearAdd"); }
// One product and one rounding each: equal in all bytes seen.
Status write_integer_mul(Op& op) { return write_pair(op, "QLinearMul"); }

// Inputs of one quantization are joined as they are; others are rescaled, equal in all bytes seen.
Status write_integer_concat(Op& op) {
  const Node& node = op.node();
  const Layout layout = op.layout_at_hand();
  const Attributes attributes = {{"axis", op.axis_in(node.integer("axis"), layout)}};
  const bool equal = std::all_of(node.inputs.begin(), node.inputs.end(), [&](const Value* input) {
    return input->quantization == node.output()->quantization;
  });
  std::vector<std::string> inputs;
  if (!equal) append_output(op, inputs);
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    if (equal) {
      inputs.push_back(op.in(i, layout));
    } else {
      append_input(op, inputs, i, layout);
    }
  }
  return op.done(op.made(equal ? "Concat" : "QLinearConcat", inputs, attributes), layout);
}

// Equal in all bytes seen; ONNX Runtime sums reals, so a tie may fall to the other side.
Status write_integer_average_pool(Op& op) {
  const Node& node = op.node();
  if (node.has("dilations")) return error("an average pool with dilations has no form on integers in ONNX");
  Attributes attributes = {{"kernel_shape", node.integers("kernel")}};
  if (node.has("strides")) attributes["strides"] = node.integers("strides");
  if (node.has("padding")) attributes["pads"] = node.integers("padding");
  if (node.integer("count_padding") != 0) attributes["count_include_pad"] = int64_t{1};
  std::vector<std::string> inputs;
  append_input(op, inputs, 0, Layout::nchw);
  append_output(op, inputs);
  return op.done(op.made("QLinearAveragePool", inputs, attributes), Layout::nchw);
}

// Over a map's height and width it is a global average, equal in all bytes seen; other axes are averaged as reals.
Status write_integer_reduce_mean(Op& op) {
  if (op.rank() != 4 || op.node().integers("axes") != std::vector<int64_t>{1, 2}) {
    Op reals(op.writer(), op.node(), Kind::real);
    return find_real_operator("reduce_mean")(reals);
  }
  std::vector<std::string> inputs;
  append_input(op, inputs, 0, Layout::nchw);
  append_output(op, inputs);
  return op.done(op.made("QLinearGlobalAveragePool", inputs), Layout::nchw);
}

// The entries themselves, found by the integer: equal in every byte, whatever the function is.
Status write_integer_table(Op& op) {
  const Layout layout = op.layout_at_hand();
  const Tensor& stored = op.node().inputs[1]->constant;
  Tensor entries(DataType::u8, {256});
  for (int64_t i = 0; i < 256; ++i)
    entries.mutable_data<uint8_t>()[i] = static_cast<uint8_t>(stored.data<int8_t>()[i] + 128);
  const std::string index = op.helper("Cast", {op.in(0, layout)}, {{"to", int64_t{proto::TensorProto::INT32}}});
  return op.done(op.made("Gather", {op.constant("entries", entries), index}), layout);
}

}  // namespace

WriteOperator find_integer_operator(const std::string& op) {
  static const std::unordered_map<std::string, WriteOperator> writers = {
#define INTEGER_OPERATOR(name) {#name, write_integer_##name},
#include "write/onnx/integer_operators.inc"
#undef INTEGER_OPERATOR
  };
  const auto found = writers.find(op);
  return found == writers.end() ? nullptr : found->second;
}

}  // namespace espalier::write::onnx
