// ConvInteger and MatMulInteger: sums of products of 8-bit integers as s32. They are computed in float32, where whole
// numbers are exact up to 2^24; a node whose sums may go beyond is refused.
#include <algorithm>
#include <cmath>

#include "ops/shapes.h"
#include "read/onnx/quantized.h"

namespace espalier::read::onnx {
namespace {

constexpr double kStepsMax = 255;          // between an 8-bit integer and its zero point
constexpr double kExactSumMax = 16777216;  // 2^24, in float32

// The integers at input `tensor` less their zero points, as reals. Several zero points belong to dimension `axis`.
Result<Value*> steps(Import& import, const OnnxNode& node, size_t tensor, size_t zero_point, int64_t axis) {
  Value* value = TRY(node.required(tensor));
  if (value->type.type != DataType::s8 && value->type.type != DataType::u8)
    return error("input {} is {}, u8 and s8 are supported", tensor, name(value->type.type));
  const std::string name = fmt::format("{}.{}", node.name(), tensor);
  Value* reals = TRY(import.emit("cast", name, {value}, {{"to", std::string("f32")}}));
  const bool shifted = import.is_u8(value) && value->type.type == DataType::s8;
  Value* zero = node.input(zero_point);
  if (zero == nullptr && !shifted) return reals;
  if (zero != nullptr && !zero->is_constant())
    return error("its zero point \"{}\" is computed; it must be known when the network is compiled", zero->name);
  Value* offset = import.constant(name + ".shift", tensor_f32({}, {shifted ? 128.0f : 0.0f}));
  if (zero != nullptr) {
    if (zero->constant.count() > 1) {
      Shape shape(value->shape().size(), 1);
      shape[static_cast<size_t>(TRY(ops::normalize_axis(axis, shape.size())))] = zero->constant.count();
      zero = TRY(import.emit("reshape", name + ".zero", {zero}, {{"shape", shape}}));
    }
    zero = TRY(import.emit("cast", name + ".zero", {zero}, {{"to", std::string("f32")}}));
    offset = TRY(import.emit("sub", name + ".zero", {zero, offset}));
  }
  return import.emit("sub", name, {reals, offset});
}

// Whether the sum of `count` products stays exact. Of constant weights the sum of their sizes is known, for each of
// `channels` outputs; element i belongs to output channel_of(i).
template <class ChannelOf>
Status check_sums(const Value& weights, int64_t count, int64_t channels, ChannelOf channel_of) {
  double bound = static_cast<double>(count) * kStepsMax * kStepsMax;
  if (weights.is_constant()) {
    std::vector<double> sums(static_cast<size_t>(channels));
    for (int64_t i = 0; i < weights.constant.count(); ++i)
      sums[static_cast<size_t>(channel_of(i))] += std::abs(double{weights.constant.data<float>()[i]}) * kStepsMax;
    bound = *std::max_element(sums.begin(), sums.end());
  }
  if (bound > kExactSumMax)
    return error(
        "its sums of {} products could reach {}, and here they are exact up to {}. Give the file as QLinear "
        "operators or with QuantizeLinear and DequantizeLinear",
        count, bound, kExactSumMax);
  return {};
}

Outputs product(Import& import, const OnnxNode& node, const char* op, Value* a, Value* b) {
  proto::NodeProto proto = node.proto();
  proto.set_op_type(op);
  const std::vector<Value*> sums = TRY(find_converter(op)(import, OnnxNode(proto, node.name() + ".sums", {a, b})));
  return std::vector<Value*>{TRY(import.emit("cast", node.name(), {sums[0]}, {{"to", std::string("s32")}}))};
}

}  // namespace

Outputs convert_MatMulInteger(Import& import, const OnnxNode& node) {
  Value* a = TRY(steps(import, node, 0, 2, -2));
  Value* b = TRY(steps(import, node, 1, 3, -1));
  if (a->shape().empty() || b->shape().empty() || b->shape().back() < 1)
    return error("its inputs are {} and {}; both need dimensions", to_string(a->shape()), to_string(b->shape()));
  const int64_t columns = b->shape().back();
  TRY_STATUS(check_sums(*b, a->shape().back(), columns, [&](int64_t i) { return i % columns; }));
  return product(import, node, "MatMul", a, b);
}

// Padding adds nothing: it is the zero point.
Outputs convert_ConvInteger(Import& import, const OnnxNode& node) {
  Value* x = TRY(steps(import, node, 0, 2, 0));
  Value* w = TRY(steps(import, node, 1, 3, 0));
  if (w->shape().empty() || w->shape()[0] < 1) return error("its weights {} are empty", to_string(w->shape()));
  const int64_t row = element_count(w->shape()) / w->shape()[0];
  TRY_STATUS(check_sums(*w, row, w->shape()[0], [&](int64_t i) { return i / row; }));
  return product(import, node, "Conv", x, w);
}

}  // namespace espalier::read::onnx
