// Emitting nodes with immediate folding, and reading attributes and constant inputs (read/onnx/import.h).
#include "read/onnx/import.h"

#include <algorithm>
#include <unordered_map>

#include "ops/fold.h"

namespace espalier::read::onnx {

#define CONVERTER(name, ...) Outputs convert_##name(Import& import, const OnnxNode& node);
#define RENAMED(name, ...) CONVERTER(name)
#define INLINED(name, ...)
#include "read/onnx/converters.inc"
#undef INLINED
#undef RENAMED
#undef CONVERTER

Converter find_converter(const std::string& op) {
  static const std::unordered_map<std::string, Converter> converters = {
#define CONVERTER(name, ...) {#name, convert_##name},
#define RENAMED(name, ...) CONVERTER(name)
#define INLINED(name, ...)
#include "read/onnx/converters.inc"
#undef INLINED
#undef RENAMED
#undef CONVERTER
  };
  const auto found = converters.find(op);
  return found == converters.end() ? nullptr : found->second;
}

Result<Value*> Import::emit(const std::string& op, const std::string& name, std::vector<Value*> inputs,
                            Attributes attributes, std::optional<Quantization> quantization) {
  return TRY(emit_all(op, name, std::move(inputs), std::move(attributes), 1, std::move(quantization)))[0];
}

Result<std::vector<Value*>> Import::emit_all(const std::string& op, const std::string& name, std::vector<Value*> inputs,
                                             Attributes attributes, size_t output_count,
                                             std::optional<Quantization> quantization) {
  const bool constant = std::all_of(inputs.begin(), inputs.end(),
                                    [](const Value* value) { return value == nullptr || value->is_constant(); });
  std::vector<Value*> outputs;
  for (size_t i = 0; i < output_count; ++i)
    outputs.push_back(graph_.add_value(i == 0 ? name : fmt::format("{}.{}", name, i), TensorType{}));
  outputs[0]->quantization = std::move(quantization);
  Node* node = graph_.add_node(op, name, std::move(inputs), std::move(attributes), outputs);
  Status valid = ops::infer_outputs(node);
  if (valid.ok()) valid = ops::op_lookup().check_scales(*node);
  int64_t made_size_bytes = 0;
  for (const Value* output : outputs)
    if (valid.ok()) made_size_bytes += element_count(output->shape()) * size_bytes(output->type.type);
  if (valid.ok() && constant) valid = spend(made_size_bytes);
  if (!valid.ok()) {
    graph_.remove(node);
    return valid.error();
  }
  if (!ops::can_fold(*node)) return outputs;
  std::vector<Value*> folded = ops::fold(graph_, *node, name);
  graph_.remove(node);
  return folded;
}

Status Import::spend(int64_t size_bytes) {
  if (size_bytes > constant_room_bytes_)
    return error(
        "its output of {} bytes is constant, and the constants that the model's nodes make are too large altogether",
        size_bytes);
  constant_room_bytes_ -= size_bytes;
  return {};
}

Value* Import::constant_s64(const std::string& name, const std::vector<int64_t>& values) {
  Tensor tensor(DataType::s64, {static_cast<int64_t>(values.size())});
  std::copy(values.begin(), values.end(), tensor.mutable_data<int64_t>());
  return constant(name, std::move(tensor));
}

Result<Value*> Import::real(Value* quantized) {
  const auto found = reals_.find(quantized);
  if (found != reals_.end()) return found->second;
  Value* value = TRY(emit("dequantize", quantized->name + ".real", {quantized}));
  reals_[quantized] = value;
  return value;
}

Result<Value*> Import::filled_with_true(const std::string& name, const Shape& shape) {
  TRY_STATUS(spend(element_count(shape)));
  Tensor tensor(DataType::boolean, shape);
  std::fill_n(tensor.mutable_data<bool>(), tensor.count(), true);
  return constant(name, std::move(tensor));
}

Result<Value*> Import::to_nhwc(Value* value) {
  if (value->shape().size() != 4)
    return error("the input has {} dimensions ({}); only 2-d maps in NCHW, 4 dimensions, are supported",
                 value->shape().size(), espalier::to_string(value->shape()));
  return emit("transpose", value->name + ".nhwc", {value}, {{"permutation", std::vector<int64_t>{0, 2, 3, 1}}});
}

Result<Value*> Import::to_nchw(Value* value) {
  return emit("transpose", value->name + ".nchw", {value}, {{"permutation", std::vector<int64_t>{0, 3, 1, 2}}});
}

Result<Value*> OnnxNode::required(size_t index) const {
  if (input(index) == nullptr) return error("input {} is missing", index);
  return input(index);
}

const proto::AttributeProto* OnnxNode::find(const std::string& attribute) const {
  read_attributes_.insert(attribute);
  for (const proto::AttributeProto& candidate : proto_.attribute())
    if (candidate.name() == attribute) return &candidate;
  return nullptr;
}

std::vector<std::string> OnnxNode::unread_attributes() const {
  std::vector<std::string> unread;
  for (const proto::AttributeProto& attribute : proto_.attribute())
    if (!read_attributes_.contains(attribute.name())) unread.push_back(attribute.name());
  return unread;
}

Result<int64_t> OnnxNode::integer(const std::string& attribute, int64_t absent) const {
  const proto::AttributeProto* found = find(attribute);
  if (found == nullptr) return absent;
  if (found->type() != proto::AttributeProto::INT) return error("attribute {} is no whole number", attribute);
  return static_cast<int64_t>(found->i());
}

Result<float> OnnxNode::real(const std::string& attribute, float absent) const {
  const proto::AttributeProto* found = find(attribute);
  if (found == nullptr) return absent;
  if (found->type() != proto::AttributeProto::FLOAT) return error("attribute {} is no real number", attribute);
  return found->f();
}

Result<std::string> OnnxNode::text(const std::string& attribute, const std::string& absent) const {
  const proto::AttributeProto* found = find(attribute);
  if (found == nullptr) return absent;
  if (found->type() != proto::AttributeProto::STRING) return error("attribute {} is no text", attribute);
  return found->s();
}

Result<std::vector<int64_t>> OnnxNode::integers(const std::string& attribute, std::vector<int64_t> absent) const {
  const proto::AttributeProto* found = find(attribute);
  if (found == nullptr) return absent;
  if (found->type() != proto::AttributeProto::INTS) return error("attribute {} is no list of whole numbers", attribute);
  return std::vector<int64_t>(found->ints().begin(), found->ints().end());
}

Result<std::vector<float>> OnnxNode::reals(const std::string& attribute) const {
  const proto::AttributeProto* found = find(attribute);
  if (found == nullptr) return std::vector<float>();
  if (found->type() != proto::AttributeProto::FLOATS)
    return error("attribute {} is no list of real numbers", attribute);
  return std::vector<float>(found->floats().begin(), found->floats().end());
}

Result<std::optional<std::vector<int64_t>>> OnnxNode::constant_integers(size_t index, const char* what) const {
  const Value* value = input(index);
  if (value == nullptr) return std::optional<std::vector<int64_t>>();
  if (!value->is_constant())
    return error("its {} must be known when the network is compiled, and \"{}\" is computed from the data", what,
                 value->name);
  std::vector<int64_t> numbers;
  const Tensor& tensor = value->constant;
  for (int64_t i = 0; i < tensor.count(); ++i) {
    if (tensor.type() == DataType::s64) {
      numbers.push_back(tensor.data<int64_t>()[i]);
    } else if (tensor.type() == DataType::s32) {
      numbers.push_back(tensor.data<int32_t>()[i]);
    } else {
      return error("its {} must be whole numbers, \"{}\" is {}", what, value->name, espalier::name(tensor.type()));
    }
  }
  return std::optional(numbers);
}

Result<std::optional<std::vector<float>>> OnnxNode::constant_reals(size_t index, const char* what) const {
  const Value* value = input(index);
  if (value == nullptr) return std::optional<std::vector<float>>();
  if (!value->is_constant())
    return error("its {} must be known when the network is compiled, and \"{}\" is computed from the data", what,
                 value->name);
  if (value->constant.type() != DataType::f32)
    return error("its {} must be real numbers, \"{}\" is {}", what, value->name,
                 espalier::name(value->constant.type()));
  const float* data = value->constant.data<float>();
  return std::optional(std::vector<float>(data, data + value->constant.count()));
}

}  // namespace espalier::read::onnx
