// What operators make of unsigned numbers wider than 8 bits (read/onnx/unsigned.h).
#include "read/onnx/unsigned.h"

#include <algorithm>
#include <set>

namespace espalier::read::onnx {
namespace {

using Proto = proto::TensorProto;

// Results are numbers of the inputs, or no larger than they are.
bool stays_in_range(const std::string& op) {
  static const std::set<std::string> ops = {
      "Abs",     "Clip",           "Concat",    "DepthToSpace", "Div",       "Dropout", "Expand",       "Flatten",
      "Gather",  "GatherElements", "GatherND",  "Identity",     "Max",       "Min",     "Mod",          "Pad",
      "Range",   "ReduceMax",      "ReduceMin", "Relu",         "Reshape",   "Slice",   "SpaceToDepth", "Split",
      "Squeeze", "Tile",           "Transpose", "Trilu",        "Unsqueeze", "Where"};
  return ops.contains(op);
}

// Sums and products that wrap in the graph's type do so in a narrower one.
bool may_wrap(const std::string& op) {
  static const std::set<std::string> ops = {
      "Add", "Sub", "Mul", "Sum", "Pow", "CumSum", "ReduceSum", "ReduceProd", "ScatterElements", "ScatterND"};
  return ops.contains(op);
}

// Results are truth values, indices or extents.
bool makes_another_type(const std::string& op) {
  static const std::set<std::string> ops = {"ArgMax", "ArgMin",      "Equal",   "Greater", "GreaterOrEqual", "Less",
                                            "IsNaN",  "LessOrEqual", "NonZero", "Shape",   "Size",           "OneHot"};
  return ops.contains(op);
}

Result<Value*> wrapped(Import& import, const OnnxNode& node, Value* value, UnsignedType type) {
  const int64_t bound = type == Proto::UINT16 ? int64_t{1} << 16 : int64_t{1} << 32;
  Tensor modulus(value->type.type, {});
  if (value->type.type == DataType::s32) *modulus.mutable_data<int32_t>() = static_cast<int32_t>(bound);
  if (value->type.type == DataType::s64) *modulus.mutable_data<int64_t>() = bound;
  return import.emit("mod", node.name() + ".wrapped",
                     {value, import.constant(node.name() + ".modulus", std::move(modulus))});
}

bool is_surely_positive(const Import& import, const Value& value) {
  if (import.is_u8(&value) || value.type.type == DataType::boolean) return true;
  if (!value.is_constant() || value.type.type != DataType::s64) return false;
  const int64_t* data = value.constant.data<int64_t>();
  return std::all_of(data, data + value.constant.count(), [](int64_t element) { return element >= 0; });
}

// What a cast or CastLike makes of its input; the converter has cast to the graph's type.
Result<UnsignedType> wrap_cast(Import& import, const OnnxNode& node, const std::vector<UnsignedType>& inputs,
                               Value*& output) {
  const UnsignedType to = node.op() == "CastLike"
                              ? inputs[1]
                              : unsigned_type(static_cast<int32_t>(TRY(node.integer("to", Proto::UNDEFINED))));
  const UnsignedType from = inputs[0];
  const bool fits = from == to || from == Proto::UINT16 || (from == Proto::UINT32 && to == Proto::UINT64);
  if (to == 0 || fits) return to;
  const Value& x = *TRY(node.required(0));
  if (to == Proto::UINT64 && !is_surely_positive(import, x) && !is_surely_positive(import, *output))
    return error(
        "it casts {} to u64, which is read as s64; a negative number would become one that s64 does not hold. Cast to "
        "s64 instead",
        name(x.type.type));
  if (to != Proto::UINT64) output = TRY(wrapped(import, node, output, to));
  return to;
}

}  // namespace

UnsignedType unsigned_type(int32_t element_type) {
  const bool is_one = element_type == Proto::UINT16 || element_type == Proto::UINT32 || element_type == Proto::UINT64;
  return is_one ? element_type : 0;
}

Result<std::vector<UnsignedType>> wrap_unsigned(Import& import, const OnnxNode& node,
                                                const std::vector<UnsignedType>& inputs, std::vector<Value*>& outputs) {
  const std::string& op = node.op();
  std::vector<UnsignedType> types(outputs.size(), 0);
  if (outputs.empty()) return types;
  if (op == "Constant" || op == "ConstantOfShape") {
    const proto::AttributeProto* value = node.find("value");
    types[0] = value == nullptr ? 0 : unsigned_type(value->t().data_type());
    return types;
  }
  if (op == "Cast" || op == "CastLike") {
    types[0] = TRY(wrap_cast(import, node, inputs, outputs[0]));
    return types;
  }
  // The type of a power is that of its base.
  UnsignedType type = 0;
  for (size_t i = 0; i < (op == "Pow" ? 1 : inputs.size()); ++i)
    if (type == 0) type = inputs[i];
  if (type == 0) return types;
  if (op == "OneHot") types[0] = inputs.back();
  if (op == "TopK") types[0] = type;  // its second output is an index
  if (op == "TopK" || makes_another_type(op)) return types;
  if (stays_in_range(op)) return std::vector<UnsignedType>(outputs.size(), type);
  if (!may_wrap(op) || type == Proto::UINT64)
    return error("it computes with {}, which is read as {}, where its results may differ. Cast to s64 in front of it",
                 type == Proto::UINT16 ? "u16" : (type == Proto::UINT32 ? "u32" : "u64"),
                 name(type == Proto::UINT16 ? DataType::s32 : DataType::s64));
  outputs[0] = TRY(wrapped(import, node, outputs[0], type));
  types[0] = type;
  return types;
}

}  // namespace espalier::read::onnx
