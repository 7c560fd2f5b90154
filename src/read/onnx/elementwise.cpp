// Operators that work element by element, and those that do nothing in inference. Those that are one of ours under
// another name are RENAMED lines of converters.inc.
#include "read/onnx/import.h"

namespace espalier::read::onnx {
namespace {

// One of our operators with all the inputs of the node.
Outputs renamed(Import& import, const OnnxNode& node, const char* op, Attributes attributes = {}) {
  std::vector<Value*> inputs;
  for (size_t i = 0; i < node.input_count(); ++i) inputs.push_back(TRY(node.required(i)));
  if (inputs.empty()) return error("it has no input");
  return std::vector<Value*>{TRY(import.emit(op, node.name(), inputs, std::move(attributes)))};
}

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

// The attribute of the operator that has the same name and meaning in the file.
Outputs with_reals(Import& import, const OnnxNode& node, const char* op,
                   std::initializer_list<std::pair<const char*, float>> names) {
  Attributes attributes;
  for (const auto& [name, absent] : names) attributes[name] = TRY(node.real(name, absent));
  return renamed(import, node, op, std::move(attributes));
}

}  // namespace

#define CONVERTER(...)
#define INLINED(...)
#define RENAMED(name, since, op, limits) \
  Outputs convert_##name(Import& import, const OnnxNode& node) { return renamed(import, node, #op); }
#include "read/onnx/converters.inc"
#undef INLINED
#undef RENAMED
#undef CONVERTER

Outputs convert_Max(Import& import, const OnnxNode& node) { return fold(import, node, "max"); }
Outputs convert_Min(Import& import, const OnnxNode& node) { return fold(import, node, "min"); }
Outputs convert_Sum(Import& import, const OnnxNode& node) { return fold(import, node, "add"); }

Outputs convert_Mean(Import& import, const OnnxNode& node) {
  Value* sum = TRY(fold(import, node, "add"))[0];
  const auto count = static_cast<float>(node.input_count());
  Value* divisor = import.constant(node.name() + ".count", tensor_f32({}, {count}));
  return std::vector<Value*>{TRY(import.emit("div", node.name() + ".mean", {sum, divisor}))};
}

// A comparison the other way round.
Outputs swapped(Import& import, const OnnxNode& node, const char* op) {
  return std::vector<Value*>{TRY(import.emit(op, node.name(), {TRY(node.required(1)), TRY(node.required(0))}))};
}
Outputs convert_Greater(Import& import, const OnnxNode& node) { return swapped(import, node, "less"); }
Outputs convert_GreaterOrEqual(Import& import, const OnnxNode& node) { return swapped(import, node, "less_or_equal"); }

// Whole exponents wrap. A real exponent makes a real power, rounded towards zero.
Result<Value*> power_of_integers(Import& import, const OnnxNode& node, Value* x, Value* exponent) {
  const auto as = [&](const char* what, Value* value, DataType type) -> Result<Value*> {
    if (value->type.type == type) return value;
    return import.emit("cast", fmt::format("{}.{}", node.name(), what), {value}, {{"to", std::string(name(type))}});
  };
  const DataType type = x->type.type;
  const bool real = exponent->type.type == DataType::f32;
  if (real)
    import.note(fmt::format("node \"{}\" (Pow): real powers of whole numbers are computed in float32, exact below 2^24",
                            node.name()));
  // 64 bits wrap to what fewer bits would.
  const DataType inside = real ? DataType::f32 : exponent->type.type == type ? type : DataType::s64;
  Value* power =
      TRY(import.emit("pow", node.name(), {TRY(as("base", x, inside)), TRY(as("exponent", exponent, inside))}));
  return as("typed", power, type);
}

// A square and a root are what norms are written with; as x * x and sqrt(x) they are exact and have an integer meaning.
Outputs convert_Pow(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  Value* exponent = TRY(node.required(1));
  const DataType type = x->type.type;
  if (type != DataType::f32) return std::vector<Value*>{TRY(power_of_integers(import, node, x, exponent))};
  if (exponent->type.type != DataType::f32)
    exponent = TRY(import.emit("cast", node.name() + ".exponent", {exponent}, {{"to", std::string("f32")}}));
  const bool single =
      exponent->is_constant() && exponent->constant.count() == 1 && exponent->shape().size() <= x->shape().size();
  const float value = single ? exponent->constant.data<float>()[0] : 0;
  if (single && value == 1) return std::vector<Value*>{x};
  if (single && value == 2) return std::vector<Value*>{TRY(import.emit("mul", node.name(), {x, x}))};
  if (single && value == 0.5f) return std::vector<Value*>{TRY(import.emit("sqrt", node.name(), {x}))};
  return std::vector<Value*>{TRY(import.emit("pow", node.name(), {x, exponent}))};
}

Outputs convert_Mod(Import& import, const OnnxNode& node) {
  return renamed(import, node, "mod", {{"fmod", TRY(node.integer("fmod", 0))}});
}

Outputs convert_IsInf(Import& import, const OnnxNode& node) {
  return renamed(import, node, "is_inf",
                 {{"detect_negative", TRY(node.integer("detect_negative", 1))},
                  {"detect_positive", TRY(node.integer("detect_positive", 1))}});
}

Outputs convert_Tan(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  Value* sine = TRY(import.emit("sin", node.name() + ".sin", {x}));
  return std::vector<Value*>{
      TRY(import.emit("div", node.name(), {sine, TRY(import.emit("cos", node.name() + ".cos", {x}))}))};
}

Outputs convert_Elu(Import& import, const OnnxNode& node) { return with_reals(import, node, "elu", {{"alpha", 1.0f}}); }
Outputs convert_Celu(Import& import, const OnnxNode& node) {
  return with_reals(import, node, "celu", {{"alpha", 1.0f}});
}
Outputs convert_Selu(Import& import, const OnnxNode& node) {
  return with_reals(import, node, "selu", {{"alpha", 1.67326319f}, {"gamma", 1.05070102f}});
}
Outputs convert_ThresholdedRelu(Import& import, const OnnxNode& node) {
  return with_reals(import, node, "thresholded_relu", {{"alpha", 1.0f}});
}
Outputs convert_LeakyRelu(Import& import, const OnnxNode& node) {
  return with_reals(import, node, "leaky_relu", {{"alpha", 0.01f}});
}
Outputs convert_HardSigmoid(Import& import, const OnnxNode& node) {
  return with_reals(import, node, "hard_sigmoid", {{"alpha", 0.2f}, {"beta", 0.5f}});
}

Outputs convert_Shrink(Import& import, const OnnxNode& node) {
  return renamed(import, node, "shrink",
                 {{"lambda", TRY(node.real("lambd", 0.5f))}, {"bias", TRY(node.real("bias", 0.0f))}});
}

Outputs convert_Gelu(Import& import, const OnnxNode& node) {
  const std::string approximate = TRY(node.text("approximate", "none"));
  if (approximate != "none" && approximate != "tanh")
    return error("approximate \"{}\" is none of none, tanh", approximate);
  if (approximate == "none") return renamed(import, node, "gelu");
  return renamed(import, node, "gelu", {{"approximate", approximate}});
}

// The larger of x and the lower bound, the smaller of that and the upper one.
Outputs clipped_integers(Import& import, const OnnxNode& node, Value* x) {
  if (node.input(1) != nullptr) x = TRY(import.emit("max", node.name() + ".low", {x, node.input(1)}));
  if (node.input(2) != nullptr) x = TRY(import.emit("min", node.name() + ".high", {x, node.input(2)}));
  return std::vector<Value*>{x};
}

// Bounds are attributes before opset 11 and inputs from then on.
Outputs convert_Clip(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  if (x->type.type != DataType::f32) return clipped_integers(import, node, x);
  Attributes attributes;
  for (const auto& [index, onnx_name, name] :
       {std::tuple{size_t{1}, "min", "clip_min"}, std::tuple{size_t{2}, "max", "clip_max"}}) {
    if (node.has(onnx_name)) attributes[name] = TRY(node.real(onnx_name, 0));
    const auto given = TRY(node.constant_reals(index, onnx_name));
    if (given && given->size() != 1) return error("its {} has {} values, one is needed", onnx_name, given->size());
    if (given) attributes[name] = (*given)[0];
  }
  return std::vector<Value*>{TRY(import.emit("clip", node.name(), {x}, std::move(attributes)))};
}

Outputs convert_Identity(Import&, const OnnxNode& node) { return std::vector<Value*>{TRY(node.required(0))}; }

// Nothing in inference. Its third input asks for training, where it drops elements at random.
Outputs convert_Dropout(Import& import, const OnnxNode& node) {
  const Value* training = node.input(2);
  const bool is_off = training == nullptr || (training->is_constant() && training->type.type == DataType::boolean &&
                                              training->constant.count() == 1 && !training->constant.data<bool>()[0]);
  if (!is_off) return error("it was exported in training mode; export the network after model.eval()");
  Value* x = TRY(node.required(0));
  std::vector<Value*> outputs = {x};
  if (node.output_count() > 1) outputs.push_back(TRY(import.filled_with_true(node.name() + ".mask", x->shape())));
  return outputs;
}

Outputs convert_Cast(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  const auto to = static_cast<int32_t>(TRY(node.integer("to", 0)));
  const DataType type = TRY(read_data_type(to));
  if (to == proto::TensorProto::FLOAT16 || to == proto::TensorProto::BFLOAT16 || to == proto::TensorProto::DOUBLE)
    import.note(
        fmt::format("node \"{}\" casts to {}; here it is float32", node.name(), proto::TensorProto::DataType_Name(to)));
  if (type == x->type.type) return std::vector<Value*>{x};
  return std::vector<Value*>{TRY(import.emit("cast", node.name(), {x}, {{"to", std::string(name(type))}}))};
}

Outputs convert_CastLike(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  const DataType type = TRY(node.required(1))->type.type;
  if (type == x->type.type) return std::vector<Value*>{x};
  return std::vector<Value*>{TRY(import.emit("cast", node.name(), {x}, {{"to", std::string(name(type))}}))};
}

}  // namespace espalier::read::onnx
