// The schema's side of an export (write/onnx/file.h).
#include "write/onnx/file.h"

#include "base/check.h"

namespace espalier::write::onnx {
namespace {

int32_t element_type(DataType type) {
  switch (type) {
    case DataType::s8: return proto::TensorProto::INT8;
    case DataType::u8: return proto::TensorProto::UINT8;
    case DataType::s16: return proto::TensorProto::INT16;
    case DataType::s32: return proto::TensorProto::INT32;
    case DataType::s64: return proto::TensorProto::INT64;
    case DataType::f16: return proto::TensorProto::FLOAT16;
    case DataType::f32: return proto::TensorProto::FLOAT;
    case DataType::boolean: return proto::TensorProto::BOOL;
  }
  return proto::TensorProto::UNDEFINED;
}

struct AttributeWriter {
  proto::AttributeProto& attribute;

  void operator()(int64_t number) {
    attribute.set_type(proto::AttributeProto::INT);
    attribute.set_i(number);
  }
  void operator()(float number) {
    attribute.set_type(proto::AttributeProto::FLOAT);
    attribute.set_f(number);
  }
  void operator()(const std::string& text) {
    attribute.set_type(proto::AttributeProto::STRING);
    attribute.set_s(text);
  }
  void operator()(const std::vector<int64_t>& numbers) {
    attribute.set_type(proto::AttributeProto::INTS);
    for (const int64_t number : numbers) attribute.add_ints(number);
  }
  void operator()(const std::vector<float>& numbers) {
    attribute.set_type(proto::AttributeProto::FLOATS);
    for (const float number : numbers) attribute.add_floats(number);
  }
};

bool is_of_microsoft(const std::string& op) {
  return op == "QGemm" || (op.starts_with("QLinear") && op != "QLinearConv" && op != "QLinearMatMul");
}

void describe(proto::ValueInfoProto* info, const std::string& name, const TensorType& type) {
  info->set_name(name);
  auto* tensor = info->mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(element_type(type.type));
  for (const int64_t extent : type.shape) tensor->mutable_shape()->add_dim()->set_dim_value(extent);
  if (type.shape.empty()) tensor->mutable_shape();
}

}  // namespace

File::File(const std::string& producer) {
  model_.set_ir_version(8);
  model_.set_producer_name(producer);
  model_.mutable_graph()->set_name("espalier");
  auto* opset = model_.add_opset_import();
  opset->set_domain("");
  opset->set_version(kOpset);
}

std::string File::Names::unique(const std::string& wanted) {
  std::string name = wanted;
  while (!taken.insert(name).second) name = fmt::format("{}_{}", wanted, ++counts[wanted]);
  return name;
}

std::string File::unique(const std::string& wanted) { return tensor_names_.unique(wanted); }

void File::add_node(const std::string& op, const std::string& name, const std::vector<std::string>& inputs,
                    const std::string& output, const Attributes& attributes) {
  proto::NodeProto* node = model_.mutable_graph()->add_node();
  node->set_op_type(op);
  if (is_of_microsoft(op)) node->set_domain("com.microsoft");
  if (is_of_microsoft(op) && !uses_microsoft_) {
    auto* opset = model_.add_opset_import();
    opset->set_domain("com.microsoft");
    opset->set_version(1);
    uses_microsoft_ = true;
  }
  node->set_name(node_names_.unique(name.empty() ? output : name));
  for (const std::string& input : inputs) node->add_input(input);
  node->add_output(output);
  for (const auto& [key, value] : attributes) {
    proto::AttributeProto* attribute = node->add_attribute();
    attribute->set_name(key);
    std::visit(AttributeWriter{*attribute}, value);
  }
}

std::string File::add_constant(const std::string& wanted_name, const Tensor& tensor) {
  const std::string name = unique(wanted_name);
  proto::TensorProto* stored = model_.mutable_graph()->add_initializer();
  stored->set_name(name);
  stored->set_data_type(element_type(tensor.type()));
  for (const int64_t extent : tensor.shape()) stored->add_dims(extent);
  stored->set_raw_data(tensor.bytes(), static_cast<size_t>(tensor.size_bytes()));
  return name;
}

void File::add_input(const std::string& name, const TensorType& type) {
  describe(model_.mutable_graph()->add_input(), name, type);
}

void File::add_output(const std::string& name, const TensorType& type) {
  describe(model_.mutable_graph()->add_output(), name, type);
}

std::vector<uint8_t> File::bytes() const {
  const std::string text = model_.SerializeAsString();
  return {text.begin(), text.end()};
}

}  // namespace espalier::write::onnx
