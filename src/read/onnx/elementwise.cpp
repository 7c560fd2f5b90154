// Operators that work element by element, and those that do nothing in inference.
#include "read/onnx/import.h"

namespace espalier::read::onnx {
namespace {

Outputs pairwise(Import& import, const OnnxNode& node, const char* op) {
  Value* a = TRY(node.required(0));
  Value* b = TRY(node.required(1));
  return std::vector<Value*>{TRY(import.emit(op, node.name(), {a, b}))};
}

Outputs unary(Import& import, const OnnxNode& node, const char* op, Attributes attributes = {}) {
  Value* x = TRY(node.required(0));
  return std::vector<Value*>{TRY(import.emit(op, node.name(), {x}, std::move(attributes)))};
}

}  // namespace

Outputs convert_Add(Import& import, const OnnxNode& node) { return pairwise(import, node, "add"); }
Outputs convert_Sub(Import& import, const OnnxNode& node) { return pairwise(import, node, "sub"); }
Outputs convert_Mul(Import& import, const OnnxNode& node) { return pairwise(import, node, "mul"); }
Outputs convert_Div(Import& import, const OnnxNode& node) { return pairwise(import, node, "div"); }

Outputs convert_Relu(Import& import, const OnnxNode& node) { return unary(import, node, "relu"); }
Outputs convert_Sigmoid(Import& import, const OnnxNode& node) { return unary(import, node, "sigmoid"); }
Outputs convert_HardSwish(Import& import, const OnnxNode& node) { return unary(import, node, "hard_swish"); }
Outputs convert_Tanh(Import& import, const OnnxNode& node) { return unary(import, node, "tanh"); }

Outputs convert_LeakyRelu(Import& import, const OnnxNode& node) {
  return unary(import, node, "leaky_relu", {{"alpha", TRY(node.real("alpha", 0.01f))}});
}

Outputs convert_HardSigmoid(Import& import, const OnnxNode& node) {
  return unary(import, node, "hard_sigmoid",
               {{"alpha", TRY(node.real("alpha", 0.2f))}, {"beta", TRY(node.real("beta", 0.5f))}});
}

// Bounds are attributes before opset 11 and inputs from then on.
Outputs convert_Clip(Import& import, const OnnxNode& node) {
  Attributes attributes;
  for (const auto& [index, onnx_name, name] :
       {std::tuple{size_t{1}, "min", "clip_min"}, std::tuple{size_t{2}, "max", "clip_max"}}) {
    if (node.has(onnx_name)) attributes[name] = TRY(node.real(onnx_name, 0));
    const auto given = TRY(node.constant_reals(index, onnx_name));
    if (given && given->size() != 1) return error("its {} has {} values, one is needed", onnx_name, given->size());
    if (given) attributes[name] = (*given)[0];
  }
  return unary(import, node, "clip", std::move(attributes));
}

Outputs convert_Identity(Import&, const OnnxNode& node) { return std::vector<Value*>{TRY(node.required(0))}; }

// Nothing in inference. Its third input asks for training, where it drops elements at random.
Outputs convert_Dropout(Import&, const OnnxNode& node) {
  const Value* training = node.input(2);
  const bool is_off = training == nullptr || (training->is_constant() && training->type.type == DataType::boolean &&
                                              training->constant.count() == 1 && !training->constant.data<bool>()[0]);
  if (!is_off) return error("it was exported in training mode; export the network after model.eval()");
  return std::vector<Value*>{TRY(node.required(0))};
}

Outputs convert_Cast(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  const auto to = static_cast<int32_t>(TRY(node.integer("to", 0)));
  const DataType type = TRY(read_data_type(to));
  if (to == proto::TensorProto::FLOAT16 || to == proto::TensorProto::BFLOAT16 || to == proto::TensorProto::DOUBLE)
    import.note(
        fmt::format("node \"{}\" casts to {}; here it is float32", node.name(), proto::TensorProto::DataType_Name(to)));
  if (type == x->type.type) return std::vector<Value*>{x};
  return unary(import, node, "cast", {{"to", std::string(name(type))}});
}

}  // namespace espalier::read::onnx
