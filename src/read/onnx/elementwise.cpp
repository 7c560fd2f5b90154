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

// Of any number of inputs, two by two from the left.
Outputs fold(Import& import, const OnnxNode& node, const char* op) {
  Value* result = TRY(node.required(0));
  for (size_t i = 1; i < node.input_count(); ++i) {
    const bool last = i + 1 == node.input_count();
    result = TRY(
        import.emit(op, last ? node.name() : fmt::format("{}.{}", node.name(), i), {result, TRY(node.required(i))}));
  }
  return std::vector<Value*>{result};
}

Outputs convert_Max(Import& import, const OnnxNode& node) { return fold(import, node, "max"); }
Outputs convert_Min(Import& import, const OnnxNode& node) { return fold(import, node, "min"); }

// A square and a root are what norms are written with; as x * x and sqrt(x) they are exact and have an integer meaning.
Outputs convert_Pow(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  Value* exponent = TRY(node.required(1));
  if (exponent->is_constant() && exponent->type.type != DataType::f32)
    exponent = TRY(import.emit("cast", node.name() + ".exponent", {exponent}, {{"to", std::string("f32")}}));
  const bool single =
      exponent->is_constant() && exponent->constant.count() == 1 && exponent->shape().size() <= x->shape().size();
  const float value = single ? exponent->constant.data<float>()[0] : 0;
  if (single && value == 1) return std::vector<Value*>{x};
  if (single && value == 2) return std::vector<Value*>{TRY(import.emit("mul", node.name(), {x, x}))};
  if (single && value == 0.5f) return std::vector<Value*>{TRY(import.emit("sqrt", node.name(), {x}))};
  return std::vector<Value*>{TRY(import.emit("pow", node.name(), {x, exponent}))};
}

Outputs convert_Neg(Import& import, const OnnxNode& node) { return unary(import, node, "neg"); }
Outputs convert_Abs(Import& import, const OnnxNode& node) { return unary(import, node, "abs"); }
Outputs convert_Exp(Import& import, const OnnxNode& node) { return unary(import, node, "exp"); }
Outputs convert_Log(Import& import, const OnnxNode& node) { return unary(import, node, "log"); }
Outputs convert_Sqrt(Import& import, const OnnxNode& node) { return unary(import, node, "sqrt"); }
Outputs convert_Reciprocal(Import& import, const OnnxNode& node) { return unary(import, node, "reciprocal"); }
Outputs convert_Erf(Import& import, const OnnxNode& node) { return unary(import, node, "erf"); }
Outputs convert_Sin(Import& import, const OnnxNode& node) { return unary(import, node, "sin"); }
Outputs convert_Cos(Import& import, const OnnxNode& node) { return unary(import, node, "cos"); }
Outputs convert_Floor(Import& import, const OnnxNode& node) { return unary(import, node, "floor"); }
Outputs convert_Ceil(Import& import, const OnnxNode& node) { return unary(import, node, "ceil"); }
Outputs convert_Softplus(Import& import, const OnnxNode& node) { return unary(import, node, "softplus"); }
Outputs convert_Mish(Import& import, const OnnxNode& node) { return unary(import, node, "mish"); }

Outputs convert_Elu(Import& import, const OnnxNode& node) {
  return unary(import, node, "elu", {{"alpha", TRY(node.real("alpha", 1.0f))}});
}

Outputs convert_Gelu(Import& import, const OnnxNode& node) {
  const std::string approximate = TRY(node.text("approximate", "none"));
  if (approximate != "none")
    return error("approximate \"{}\" is not supported, only the exact function is", approximate);
  return unary(import, node, "gelu");
}

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
