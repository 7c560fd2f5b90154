// Forms of values and the border (write/onnx/writer.h).
#include "write/onnx/writer.h"

#include <algorithm>

#include "base/check.h"
#include "numerics/requantize.h"
#include "ops/activation.h"
#include "ops/op.h"

namespace espalier::write::onnx {
namespace {

// Element by element in another order of dimensions.
Tensor transposed(const Tensor& tensor, const std::vector<int64_t>& permutation) {
  Value input;
  input.type = {tensor.type(), tensor.shape()};
  Value output;
  Node node{.op = "transpose", .name = "constant", .inputs = {&input}, .outputs = {&output}, .attributes = {}};
  node.attributes["permutation"] = permutation;
  CHECK(ops::infer_outputs(&node).ok());
  return ops::evaluate(node, {tensor}).value()[0];
}

Tensor in_layout(const Tensor& tensor, Layout layout) {
  return layout == Layout::nchw ? transposed(tensor, kNchwFromNhwc) : tensor;
}

// s8 becomes u8, which ONNX Runtime and most tools take for activations.
Tensor shifted(const Tensor& tensor) {
  Tensor result(DataType::u8, tensor.shape());
  for (int64_t i = 0; i < tensor.count(); ++i)
    result.mutable_data<uint8_t>()[i] = static_cast<uint8_t>(tensor.data<int8_t>()[i] + 128);
  return result;
}

Tensor scalar_u8(int32_t value) {
  Tensor tensor(DataType::u8, {});
  *tensor.mutable_data<uint8_t>() = static_cast<uint8_t>(value);
  return tensor;
}

Tensor list_of(const std::vector<float>& numbers) {
  Tensor tensor(DataType::f32, {static_cast<int64_t>(numbers.size())});
  std::copy(numbers.begin(), numbers.end(), tensor.mutable_data<float>());
  return tensor;
}

bool is_map(const Value& value) { return value.shape().size() == 4; }
bool is_quantized(const Value& value) { return value.type.type == DataType::s8 && value.quantization.has_value(); }

}  // namespace

Writer::Writer(const Graph& graph, const WriteOptions& options)
    : graph_(graph), options_(options), file_(options.producer) {}

Result<std::vector<uint8_t>> Writer::run() {
  // The user's names come first, so that nothing else takes them.
  for (const Port& port : graph_.inputs()) file_.unique(port.name);
  for (const Port& port : graph_.outputs()) file_.unique(port.name);
  for (const Port& port : graph_.inputs()) add_input(port);
  for (const Node* node : graph_.nodes()) {
    const Status written = add_node(*node);
    if (!written.ok()) return written.error().at(fmt::format("node \"{}\" ({})", node->name, node->op));
  }
  for (const Port& port : graph_.outputs()) add_output(port);
  return file_.bytes();
}

// The user's tensor becomes the value, in the layout that needs no transpose where there is one.
void Writer::add_input(const Port& port) {
  const Value& value = *port.value;
  file_.add_input(port.name, port.type);
  std::string name = port.name;
  Layout layout = port.permutation == kNhwcFromNchw ? Layout::nchw : Layout::plain;
  if (layout == Layout::plain && !port.permutation.empty()) {
    name = file_.unique(port.name + ".transposed");
    file_.add_node("Transpose", name, {port.name}, name, {{"perm", port.permutation}});
  }
  if (!is_quantized(value)) return set_tensor(value, Kind::real, layout, name);
  if (port.type.type == DataType::s8) {
    Tensor zero(DataType::s8, {});
    *zero.mutable_data<int8_t>() = static_cast<int8_t>(value.zero_point());
    const std::string real = file_.unique(port.name + ".real");
    file_.add_node("DequantizeLinear", real,
                   {name, scale_and_zero_point(value).first, file_.add_constant(port.name + ".s8_zero_point", zero)},
                   real);
    name = real;
  }
  set_tensor(value, Kind::quantized, layout, port.type.type == DataType::u8 ? name : quantize_linear(name, value));
}

void Writer::add_output(const Port& port) {
  const Value& value = *port.value;
  file_.add_output(port.name, port.type);
  const Kind kind = is_quantized(value) ? Kind::quantized : Kind::real;
  const Layout layout = port.permutation == kNhwcFromNchw ? Layout::nchw : Layout::plain;
  std::string name = tensor(value, kind, layout);
  if (layout == Layout::plain && !port.permutation.empty()) {
    // Value dimension d is user dimension permutation[d].
    std::vector<int64_t> back(port.permutation.size());
    for (size_t d = 0; d < back.size(); ++d) back[static_cast<size_t>(port.permutation[d])] = static_cast<int64_t>(d);
    const std::string user = file_.unique(port.name + ".transposed");
    file_.add_node("Transpose", user, {name}, user, {{"perm", back}});
    name = user;
  }
  if (kind == Kind::real || port.type.type == DataType::u8) {
    file_.add_node("Identity", port.name, {name}, port.name);
  } else if (port.type.type == DataType::f32) {
    dequantize_linear(name, value, port.name);
  } else {
    Tensor zero(DataType::s8, {});
    *zero.mutable_data<int8_t>() = static_cast<int8_t>(value.zero_point());
    const std::string real = dequantize_linear(name, value, file_.unique(port.name + ".real"));
    file_.add_node("QuantizeLinear", port.name,
                   {real, scale_and_zero_point(value).first, file_.add_constant(port.name + ".s8_zero_point", zero)},
                   port.name);
  }
}

Status Writer::add_node(const Node& node) {
  if (node.op == "dequantize") return {};  // made where it is read
  if (node.op == "quantize") {
    const Layout layout = layout_at_hand(*node.inputs[0]);
    const std::string real = tensor(*node.inputs[0], Kind::real, layout);
    set_tensor(*node.output(), Kind::quantized, layout, quantize_linear(real, *node.output()));
    return {};
  }
  const bool integer = is_quantized(*node.output()) && form() == OnnxForm::qoperator;
  const WriteOperator on_integers = integer ? find_integer_operator(node.op) : nullptr;
  Op op(*this, node, integer && (on_integers != nullptr || moves_elements(node)) ? Kind::quantized : Kind::real);
  if (on_integers != nullptr) return on_integers(op);
  const WriteOperator on_reals = find_real_operator(node.op);
  if (on_reals == nullptr) return error("ONNX has no form of this operator that is written. Leave the export away");
  return on_reals(op);
}

const std::string* Writer::find(const Value& value, Kind kind, Layout layout) const {
  const auto found = tensors_.find({&value, kind, layout});
  return found == tensors_.end() ? nullptr : &found->second;
}

void Writer::set_tensor(const Value& value, Kind kind, Layout layout, const std::string& name) {
  tensors_[{&value, kind, layout}] = name;
}

Layout Writer::layout_at_hand(const Value& value) const {
  if (value.producer != nullptr && value.producer->op == "dequantize")
    return layout_at_hand(*value.producer->inputs[0]);
  for (const Kind kind : {Kind::quantized, Kind::real})
    if (find(value, kind, Layout::plain) != nullptr) return Layout::plain;
  for (const Kind kind : {Kind::quantized, Kind::real})
    if (find(value, kind, Layout::nchw) != nullptr) return Layout::nchw;
  return Layout::plain;
}

std::string Writer::tensor(const Value& value, Kind kind, Layout layout) {
  if (!is_map(value)) layout = Layout::plain;
  if (const std::string* known = find(value, kind, layout)) return *known;
  const Layout other = layout == Layout::plain ? Layout::nchw : Layout::plain;
  std::string name;
  if (value.is_constant()) {
    name = constant(value, kind, layout);
  } else if (const std::string* moved = find(value, kind, other)) {
    name = file_.unique(value.name + (layout == Layout::nchw ? ".nchw" : ".nhwc"));
    file_.add_node("Transpose", name, {*moved}, name,
                   {{"perm", layout == Layout::nchw ? kNchwFromNhwc : kNhwcFromNchw}});
  } else if (kind == Kind::real && value.type.type == DataType::f32) {
    CHECK(value.producer != nullptr && value.producer->op == "dequantize", "{} is not made", value.name);
    name = tensor(*value.producer->inputs[0], Kind::real, layout);
  } else {
    CHECK(kind == Kind::real && is_quantized(value), "{} is not made", value.name);
    name = dequantize_linear(tensor(value, Kind::quantized, layout), value, file_.unique(value.name + ".dequantized"));
  }
  set_tensor(value, kind, layout, name);
  return name;
}

std::string Writer::constant(const Value& value, Kind kind, Layout layout) {
  if (!is_quantized(value)) return file_.add_constant(value.name, in_layout(value.constant, layout));
  if (kind == Kind::quantized) return file_.add_constant(value.name, shifted(in_layout(value.constant, layout)));
  return dequantize_linear(tensor(value, Kind::quantized, layout), value, file_.unique(value.name + ".dequantized"));
}

std::pair<std::string, std::string> Writer::scale_and_zero_point(const Value& value) {
  auto& names = scales_[&value];
  if (names.first.empty())
    names = {file_.add_constant(value.name + ".scale", tensor_f32({}, {value.scale()})),
             file_.add_constant(value.name + ".zero_point", scalar_u8(value.zero_point() + 128))};
  return names;
}

std::string Writer::quantize_linear(const std::string& real, const Value& value) {
  const auto [scale, zero] = scale_and_zero_point(value);
  const std::string name = file_.unique(value.name + ".quantized");
  file_.add_node("QuantizeLinear", name, {real, scale, zero}, name);
  return name;
}

std::string Writer::dequantize_linear(const std::string& quantized, const Value& value, const std::string& output) {
  const auto [scale, zero] = scale_and_zero_point(value);
  file_.add_node("DequantizeLinear", output, {quantized, scale, zero}, output);
  return output;
}

// ---- Op ----

Layout Op::layout_at_hand() const {
  if (rank() != 4) return Layout::plain;
  bool maps = false;
  for (const Value* input : node_.inputs) {
    if (input->is_constant()) continue;
    if (!is_map(*input)) return Layout::plain;
    maps |= writer_.layout_at_hand(*input) == Layout::nchw;
  }
  return maps ? Layout::nchw : Layout::plain;
}

std::string Op::in_broadcast(size_t index, Layout layout) {
  const Value& value = *node_.inputs[index];
  if (layout == Layout::plain || is_map(value) || value.constant.count() == 1) return in(index, layout);
  Value padded = value;
  padded.type.shape.insert(padded.type.shape.begin(), 4 - value.shape().size(), 1);
  padded.constant = value.constant.reshaped(padded.type.shape);
  const Tensor moved = in_layout(padded.constant, layout);
  if (!is_quantized(value)) return writer_.file().add_constant(value.name, moved);
  const std::string quantized = writer_.file().add_constant(value.name, shifted(moved));
  if (kind_ == Kind::quantized) return quantized;
  const auto [scale, zero] = writer_.scale_and_zero_point(value);
  return helper("DequantizeLinear", {quantized, scale, zero});
}

std::vector<int64_t> Op::in_order(const std::vector<int64_t>& list, Layout layout) const {
  if (layout == Layout::plain) return list;
  std::vector<int64_t> ordered;
  for (const int64_t from : kNchwFromNhwc) ordered.push_back(list[static_cast<size_t>(from)]);
  return ordered;
}

int64_t Op::axis_in(int64_t axis, Layout layout) const {
  return layout == Layout::plain ? axis : kNhwcFromNchw[static_cast<size_t>(axis)];
}

std::string Op::real_weights(Layout layout) {
  const Value& weights = *node_.inputs[1];
  if (!is_quantized(weights)) return in(1, layout);
  const Quantization& quantization = *weights.quantization;
  Tensor zero(DataType::s8, quantization.per_tensor() ? Shape{} : Shape{weights.shape()[0]});
  std::fill_n(zero.mutable_data<int8_t>(), zero.count(), static_cast<int8_t>(quantization.zero_point));
  const Tensor scales =
      quantization.per_tensor() ? tensor_f32({}, {quantization.scales[0]}) : list_of(quantization.scales);
  const Attributes axis = quantization.per_tensor() ? Attributes{} : Attributes{{"axis", int64_t{0}}};
  return helper("DequantizeLinear",
                {constant("weights", in_layout(weights.constant, layout)), constant("weight_scales", scales),
                 constant("weight_zero_points", zero)},
                axis);
}

std::string Op::real_bias() {
  const Value& bias = *node_.inputs[2];
  if (bias.type.type == DataType::f32) return in(2, Layout::plain);
  // The scale of the sum, per output channel.
  const Quantization& weights = *node_.inputs[1]->quantization;
  std::vector<float> scales;
  for (const float scale : weights.scales) scales.push_back(node_.inputs[0]->scale() * scale);
  const Tensor stored = weights.per_tensor() ? tensor_f32({}, {scales[0]}) : list_of(scales);
  const Attributes axis = weights.per_tensor() ? Attributes{} : Attributes{{"axis", int64_t{0}}};
  return helper("DequantizeLinear", {constant("bias", bias.constant), constant("bias_scales", stored)}, axis);
}

std::string Op::made(const std::string& op, const std::vector<std::string>& inputs, const Attributes& attributes) {
  if (has_main_node_) return helper(op, inputs, attributes);
  has_main_node_ = true;
  const std::string output = writer_.file().unique(node_.output()->name + "." + op);
  writer_.file().add_node(op, node_.name, inputs, output, attributes);
  return output;
}

std::string Op::helper(const std::string& op, const std::vector<std::string>& inputs, const Attributes& attributes) {
  const std::string output = writer_.file().unique(node_.output()->name + "." + op);
  writer_.file().add_node(op, output, inputs, output, attributes);
  return output;
}

std::string Op::constant(const std::string& what, const Tensor& tensor) {
  return writer_.file().add_constant(node_.output()->name + "." + what, tensor);
}

std::string Op::constant(const std::string& what, const std::vector<int64_t>& numbers) {
  Tensor tensor(DataType::s64, {static_cast<int64_t>(numbers.size())});
  std::copy(numbers.begin(), numbers.end(), tensor.mutable_data<int64_t>());
  return constant(what, tensor);
}

std::string Op::constant(const std::string& what, float number) { return constant(what, tensor_f32({}, {number})); }

std::string Op::clamped_reals(const std::string& tensor) {
  if (!node_.has("activation")) return tensor;
  const ops::Clamp clamp = ops::activation_of(node_);
  if (clamp.min == 0 && clamp.max > 1e38f) return made("Relu", {tensor});
  return made("Clip", {tensor, constant("clip_min", clamp.min), constant("clip_max", clamp.max)});
}

std::string Op::clamped_integers(const std::string& tensor) {
  if (!node_.has("activation")) return tensor;
  const OutputRange range = ops::integer_activation_of(node_);
  if (range.min == -128 && range.max == 127) return tensor;
  return made("Clip", {tensor, constant("clip_min", scalar_u8(range.min + 128)),
                       constant("clip_max", scalar_u8(range.max + 128))});
}

Status Op::done(const std::string& tensor, Layout layout) {
  const Value& output = *node_.output();
  if (!is_map(output)) layout = Layout::plain;
  if (kind_ == Kind::quantized) {
    writer_.set_tensor(output, Kind::quantized, layout, clamped_integers(tensor));
  } else if (is_quantized(output)) {
    writer_.set_tensor(output, Kind::quantized, layout, writer_.quantize_linear(clamped_reals(tensor), output));
  } else {
    writer_.set_tensor(output, Kind::real, layout, clamped_reals(tensor));
  }
  return {};
}

}  // namespace espalier::write::onnx
