// QLinearConv, QLinearMatMul and the operators of ONNX Runtime's quantizer (domain com.microsoft): dequantized inputs,
// the real operator, a quantized output. `x, x_scale, x_zero_point` are three inputs in a row everywhere.
#include <algorithm>

#include "graph/stored_constant.h"
#include "read/onnx/quantized.h"

namespace espalier::read::onnx {
namespace {

// Scale and zero point behind the tensor at `tensor`.
ScaleInputs behind(size_t tensor, int64_t axis = 0) {
  return {.scale = tensor + 1, .zero_point = tensor + 2, .axis = axis};
}

Status check_channels_first(const OnnxNode& node) {
  if (TRY(node.integer("channels_last", 0)) != 0) return error("channels_last is not supported");
  return {};
}

// The real operator between reals and the quantized output whose scale is input `scale`; no scale: reals stay.
Outputs between_quantized(Import& import, const OnnxNode& node, const proto::NodeProto& proto,
                          std::vector<Value*> reals, size_t scale) {
  const Converter converter = find_converter(proto.op_type());
  const std::vector<Value*> outputs = TRY(converter(import, OnnxNode(proto, node.name(), std::move(reals))));
  if (node.input(scale) == nullptr) return outputs;
  const Affine affine = TRY(output_quantization(node, {.scale = scale, .zero_point = scale + 1}));
  return std::vector<Value*>{TRY(quantized(import, node.name() + ".integer", outputs[0], affine))};
}

proto::NodeProto as(const OnnxNode& node, const char* op) {
  proto::NodeProto proto = node.proto();
  proto.set_op_type(op);
  return proto;
}

// Of an operator with one tensor: x, x_scale, x_zero_point, y_scale, y_zero_point.
Outputs of_one_tensor(Import& import, const OnnxNode& node, const char* op) {
  TRY_STATUS(check_channels_first(node));
  return between_quantized(import, node, as(node, op), {TRY(real_input(import, node, 0, behind(0)))}, 3);
}

// Of two: a, a_scale, a_zero_point, b, b_scale, b_zero_point, y_scale, y_zero_point.
Outputs of_two_tensors(Import& import, const OnnxNode& node, const char* op, int64_t axis_of_b) {
  Value* a = TRY(real_input(import, node, 0, behind(0)));
  Value* b = TRY(real_input(import, node, 3, behind(3, axis_of_b)));
  return between_quantized(import, node, as(node, op), {a, b}, 6);
}

// The s32 bias at input `index`, whose scale is that of the sum: x_scale * w_scale * factor, each rounded to float32.
// Requires: the scales at inputs 1 and 4 are read.
Result<Value*> real_bias(Import& import, const OnnxNode& node, size_t index, float factor) {
  const Value* bias = node.input(index);
  if (!bias->is_constant() || bias->type.type != DataType::s32)
    return error("its bias \"{}\" is {} {}; a constant of s32 is supported", bias->name,
                 bias->is_constant() ? "a constant of" : "computed,", name(bias->type.type));
  const float* input_scale = node.input(1)->constant.data<float>();
  const Tensor& weight_scales = node.input(4)->constant;
  Quantization quantization;
  for (int64_t i = 0; i < weight_scales.count(); ++i)
    quantization.scales.push_back(*input_scale * weight_scales.data<float>()[i] * factor);
  if (quantization.scales.size() > 1) quantization.axis = 0;
  const bool is_row = bias->shape().size() == 2 && bias->shape()[0] == 1;
  if ((bias->shape().size() != 1 && !is_row) ||
      (quantization.axis == 0 && bias->constant.count() != static_cast<int64_t>(quantization.scales.size())))
    return error("its bias is {}, its weights have {} scales", to_string(bias->shape()), quantization.scales.size());
  for (const float scale : quantization.scales)
    if (!(scale > 0)) return error("the product of its input's and its weights' scale is {}", scale);
  Tensor integers(DataType::s32, {bias->constant.count()});
  std::copy_n(bias->constant.data<int32_t>(), integers.count(), integers.mutable_data<int32_t>());
  return add_stored_constant(import.graph(), bias->name + ".real", std::move(integers), quantization);
}

// Every third input from `first` on.
Result<std::vector<Value*>> reals_of_list(Import& import, const OnnxNode& node, size_t first) {
  std::vector<Value*> reals;
  for (size_t i = first; i < node.input_count(); i += 3) reals.push_back(TRY(real_input(import, node, i, behind(i))));
  return reals;
}

}  // namespace

Outputs convert_QLinearConv(Import& import, const OnnxNode& node) {
  TRY_STATUS(check_channels_first(node));
  Value* x = TRY(real_input(import, node, 0, behind(0)));
  Value* w = TRY(real_input(import, node, 3, behind(3)));
  std::vector<Value*> reals = {x, w};
  if (node.input(8) != nullptr) reals.push_back(TRY(real_bias(import, node, 8, 1.0f)));
  return between_quantized(import, node, as(node, "Conv"), reals, 6);
}

// Columns of b may have scales of their own.
Outputs convert_QLinearMatMul(Import& import, const OnnxNode& node) {
  return of_two_tensors(import, node, "MatMul", -1);
}

// y = alpha * a * b + c. alpha is in the scale of c.
Outputs convert_QGemm(Import& import, const OnnxNode& node) {
  const float alpha = TRY(node.real("alpha", 1.0f));
  if (!(alpha > 0)) return error("alpha is {}; positive numbers are supported", alpha);
  const int64_t column_axis = TRY(node.integer("transB", 0)) != 0 ? 0 : 1;
  Value* a = TRY(real_input(import, node, 0, behind(0)));
  Value* b = TRY(real_input(import, node, 3, behind(3, column_axis)));
  std::vector<Value*> reals = {a, b};
  if (node.input(6) != nullptr) reals.push_back(TRY(real_bias(import, node, 6, alpha)));
  return between_quantized(import, node, as(node, "Gemm"), reals, 7);
}

Outputs convert_QLinearAdd(Import& import, const OnnxNode& node) { return of_two_tensors(import, node, "Add", 0); }
Outputs convert_QLinearMul(Import& import, const OnnxNode& node) { return of_two_tensors(import, node, "Mul", 0); }

// y_scale, y_zero_point, then x, x_scale, x_zero_point of each input.
Outputs convert_QLinearConcat(Import& import, const OnnxNode& node) {
  return between_quantized(import, node, as(node, "Concat"), TRY(reals_of_list(import, node, 2)), 0);
}

Outputs convert_QLinearGlobalAveragePool(Import& import, const OnnxNode& node) {
  return of_one_tensor(import, node, "GlobalAveragePool");
}
Outputs convert_QLinearAveragePool(Import& import, const OnnxNode& node) {
  return of_one_tensor(import, node, "AveragePool");
}
Outputs convert_QLinearReduceMean(Import& import, const OnnxNode& node) {
  return of_one_tensor(import, node, "ReduceMean");
}
Outputs convert_QLinearSigmoid(Import& import, const OnnxNode& node) { return of_one_tensor(import, node, "Sigmoid"); }
Outputs convert_QLinearLeakyRelu(Import& import, const OnnxNode& node) {
  return of_one_tensor(import, node, "LeakyRelu");
}

// Its attribute `opset` says which Softmax it means.
Outputs convert_QLinearSoftmax(Import& import, const OnnxNode& node) {
  const int64_t opset = TRY(node.integer("opset", import.opset()));
  if ((opset < 13) != (import.opset() < 13))
    return error("it means the Softmax of opset {}, the file is of opset {}", opset, import.opset());
  return of_one_tensor(import, node, "Softmax");
}

}  // namespace espalier::read::onnx
