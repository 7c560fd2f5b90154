// QuantizeLinear and DequantizeLinear, and what all quantized operators share (read/onnx/quantized.h).
#include "read/onnx/quantized.h"

#include <algorithm>
#include <set>

#include "graph/stored_constant.h"
#include "numerics/quantize.h"
#include "ops/shapes.h"

namespace espalier::read::onnx {
namespace {

constexpr int32_t kShift = 128;  // from u8 to s8

bool is_quantized(const Value* value) {
  return value != nullptr && value->type.type == DataType::s8 && value->quantization.has_value();
}

// One scale, or one per index of the axis.
Result<Quantization> read_scales(const OnnxNode& node, const ScaleInputs& where, const Shape& shape) {
  // With larger ones, 32-bit integers leave the range of floats.
  constexpr float kScaleMax = 1e29f;
  const auto scales = TRY(node.constant_reals(where.scale, "scales"));
  if (!scales || scales->empty()) return error("input {}, the scale, is missing", where.scale);
  for (size_t i = 0; i < scales->size(); ++i)
    if (!((*scales)[i] > 0 && (*scales)[i] <= kScaleMax))
      return error("scale {} of input {} is {}; scales are positive numbers up to {}. The file was quantized wrongly",
                   i, where.scale, (*scales)[i], kScaleMax);
  Quantization quantization{.scales = *scales};
  if (scales->size() == 1) return quantization;
  quantization.axis = TRY(ops::normalize_axis(where.axis, shape.size()));
  const int64_t extent = shape[static_cast<size_t>(quantization.axis)];
  if (static_cast<int64_t>(scales->size()) != extent)
    return error("it has {} scales, dimension {} of {} has {} elements", scales->size(), quantization.axis,
                 to_string(shape), extent);
  return quantization;
}

// Zero points as the file has them; none given is zero.
Result<std::vector<int32_t>> read_zero_points(const OnnxNode& node, const ScaleInputs& where, DataType type,
                                              size_t scale_count) {
  const Value* value = node.input(where.zero_point);
  if (value == nullptr) return std::vector<int32_t>{0};
  if (!value->is_constant())
    return error("its zero point \"{}\" is computed; it must be known when the network is compiled", value->name);
  if (value->type.type != type)
    return error("its zero point is {}, the tensor is {}; both need one type", name(value->type.type), name(type));
  const Tensor& tensor = value->constant;
  std::vector<int32_t> points;
  for (int64_t i = 0; i < tensor.count(); ++i)
    points.push_back(type == DataType::s8   ? tensor.data<int8_t>()[i]
                     : type == DataType::u8 ? tensor.data<uint8_t>()[i]
                                            : tensor.data<int32_t>()[i]);
  if (points.size() != scale_count && points.size() != 1)
    return error("it has {} zero points for {} scales", points.size(), scale_count);
  if (type == DataType::s32 && std::any_of(points.begin(), points.end(), [](int32_t point) { return point != 0; }))
    return error("the zero point of a 32-bit tensor must be 0");
  return points;
}

Result<Affine> read_affine(const OnnxNode& node, const ScaleInputs& where, DataType type, const Shape& shape) {
  Affine affine{.quantization = TRY(read_scales(node, where, shape)), .type = type};
  std::vector<int32_t> points = TRY(read_zero_points(node, where, type, affine.quantization.scales.size()));
  if (type == DataType::u8)
    for (int32_t& point : points) point -= kShift;
  affine.quantization.zero_point = points[0];
  if (std::any_of(points.begin(), points.end(), [&](int32_t point) { return point != points[0]; }))
    affine.zero_points = std::move(points);
  return affine;
}

// u8 becomes s8; s8 and s32 stay.
Tensor in_graph_type(const Tensor& stored) {
  if (stored.type() != DataType::u8) return stored;
  Tensor shifted(DataType::s8, stored.shape());
  for (int64_t i = 0; i < stored.count(); ++i)
    shifted.mutable_data<int8_t>()[i] = static_cast<int8_t>(stored.data<uint8_t>()[i] - kShift);
  return shifted;
}

// Calls element(index, index of the scale) for all of a tensor.
template <class Element>
void for_each_element(const Shape& shape, const Quantization& quantization, Element element) {
  const int64_t count = element_count(shape);
  int64_t inner = 1;
  for (auto d = static_cast<size_t>(quantization.axis + 1); d < shape.size(); ++d) inner *= shape[d];
  const auto scale_count = static_cast<int64_t>(quantization.scales.size());
  for (int64_t i = 0; i < count; ++i)
    element(i, static_cast<size_t>(quantization.per_tensor() ? 0 : i / inner % scale_count));
}

// Channels with zero points of their own are no integers of the graph, only reals.
Value* plain_reals(Import& import, const std::string& name, const Tensor& integers, const Affine& affine) {
  Tensor steps(DataType::s32, integers.shape());
  for_each_element(integers.shape(), affine.quantization, [&](int64_t i, size_t channel) {
    steps.mutable_data<int32_t>()[i] = integers.data<int8_t>()[i] - affine.zero_points[channel];
  });
  Quantization quantization = affine.quantization;
  quantization.zero_point = 0;
  import.note(fmt::format("the channels of \"{}\" have different zero points, so it is taken as real numbers", name));
  return import.constant(name, dequantized(steps, quantization));
}

Result<Value*> real_constant(Import& import, const Value& stored, const Affine& affine) {
  const Tensor integers = in_graph_type(stored.constant);
  if (integers.count() == 0) return error("the tensor \"{}\" has no element", stored.name);
  TRY_STATUS(import.spend(integers.count() * size_bytes(DataType::f32)));
  const std::string name = stored.name + ".real";
  if (!affine.zero_points.empty()) return plain_reals(import, name, integers, affine);
  return add_stored_constant(import.graph(), name, integers, affine.quantization);
}

// Integers that the user feeds have the quantization of their first reader.
Status quantize_input(Import& import, Value* value, const Affine& affine) {
  if (value->producer != nullptr)
    return error("the integers of \"{}\" were made by {}, not by an operator that quantizes", value->name,
                 value->producer->op);
  if (!value->readers.empty())
    return error("the integers of the input \"{}\" are read as plain numbers too", value->name);
  if (affine.type == DataType::u8) import.stands_for_u8(value);
  value->type.type = DataType::s8;
  value->quantization = affine.quantization;
  return {};
}

Result<DataType> integer_type_of(const Import& import, const Value& value) {
  const DataType type = import.is_u8(&value) ? DataType::u8 : value.type.type;
  const bool known = type == DataType::u8 || type == DataType::s8 || (type == DataType::s32 && value.is_constant());
  if (!known) return error("the tensor \"{}\" is {}; u8, s8 and constant s32 are supported", value.name, name(type));
  return type;
}

Tensor quantized_constant(const Tensor& reals, const Quantization& quantization) {
  Tensor integers(DataType::s8, reals.shape());
  for_each_element(reals.shape(), quantization, [&](int64_t i, size_t channel) {
    integers.mutable_data<int8_t>()[i] =
        quantize_s8(reals.data<float>()[i], quantization.scales[channel], quantization.zero_point);
  });
  return integers;
}

// The type that QuantizeLinear makes: that of its zero point, else that of an attribute, else u8.
Result<DataType> type_to_quantize_to(const OnnxNode& node, size_t zero_point) {
  const int64_t asked = TRY(node.integer("output_dtype", 0));
  DataType type = asked == 0 ? DataType::u8 : TRY(read_data_type(static_cast<int32_t>(asked)));
  if (const Value* value = node.input(zero_point)) type = value->type.type;
  if (type != DataType::u8 && type != DataType::s8)
    return error("it quantizes to {}; 8 bits, u8 or s8, are supported", name(type));
  return type;
}

Status check_blocks(const OnnxNode& node) {
  if (TRY(node.integer("block_size", 0)) != 0) return error("scales of blocks (block_size) are not supported");
  return {};
}

}  // namespace

Result<Value*> real_input(Import& import, const OnnxNode& node, size_t tensor, const ScaleInputs& where) {
  Value* value = TRY(node.required(tensor));
  const DataType type = TRY(integer_type_of(import, *value));
  const Affine affine = TRY(read_affine(node, where, type, value->shape()));
  if (value->is_constant()) return real_constant(import, *value, affine);
  if (!affine.quantization.per_tensor())
    return error("\"{}\" is computed and has {} scales; one is supported", value->name,
                 affine.quantization.scales.size());
  if (!value->quantization) TRY_STATUS(quantize_input(import, value, affine));
  if (value->quantization != affine.quantization)
    return error(
        "\"{}\" was quantized with scale {} and is read with scale {}, or their zero points differ; a tensor "
        "has one quantization",
        value->name, value->scale(), affine.quantization.scales[0]);
  return import.real(value);
}

Result<Affine> output_quantization(const OnnxNode& node, const ScaleInputs& where) {
  return read_affine(node, where, TRY(type_to_quantize_to(node, where.zero_point)), {});
}

Result<Value*> quantized(Import& import, const std::string& name, Value* real, const Affine& affine) {
  if (!affine.zero_points.empty()) return error("its channels have different zero points; one is supported");
  const Quantization& quantization = affine.quantization;
  if (real->type.type != DataType::f32)
    return error("it quantizes {}, f32 is supported", espalier::name(real->type.type));
  Value* value = nullptr;
  if (real->is_constant()) {
    TRY_STATUS(import.spend(real->constant.count()));
    value = import.constant(name, quantized_constant(real->constant, quantization));
    value->quantization = quantization;
  } else if (!quantization.per_tensor()) {
    return error("\"{}\" is computed and would get {} scales; one is supported", real->name,
                 quantization.scales.size());
  } else {
    value = TRY(import.emit("quantize", name, {real}, {}, quantization));
  }
  if (affine.type == DataType::u8) import.stands_for_u8(value);
  return value;
}

Outputs convert_QuantizeLinear(Import& import, const OnnxNode& node) {
  TRY_STATUS(check_blocks(node));
  const ScaleInputs where{.scale = 1, .zero_point = 2, .axis = TRY(node.integer("axis", 1))};
  Value* x = TRY(node.required(0));
  const Affine affine = TRY(read_affine(node, where, TRY(type_to_quantize_to(node, 2)), x->shape()));
  return std::vector<Value*>{TRY(quantized(import, node.name(), x, affine))};
}

Outputs convert_DequantizeLinear(Import& import, const OnnxNode& node) {
  TRY_STATUS(check_blocks(node));
  const ScaleInputs where{.scale = 1, .zero_point = 2, .axis = TRY(node.integer("axis", 1))};
  return std::vector<Value*>{TRY(real_input(import, node, 0, where))};
}

bool moves_elements(const proto::NodeProto& node) {
  static const std::set<std::string> movers = {"Clip",    "Concat",  "DepthToSpace", "Dropout",  "Expand",
                                               "Flatten", "Gather",  "Identity",     "MaxPool",  "Pad",
                                               "Resize",  "Reshape", "Slice",        "Split",    "SpaceToDepth",
                                               "Squeeze", "Tile",    "Transpose",    "Upsample", "Unsqueeze"};
  // An interpolation of integers ends in a rounding of its own.
  if (node.op_type() == "Resize" || node.op_type() == "Upsample")
    for (const proto::AttributeProto& attribute : node.attribute())
      if (attribute.name() == "mode" && attribute.s() != "nearest") return false;
  return movers.contains(node.op_type());
}

std::vector<int> quantized_inputs(const proto::NodeProto& node) {
  const std::string& op = node.op_type();
  if (op == "QLinearConcat") {
    std::vector<int> inputs;
    for (int i = 2; i + 2 < node.input_size(); i += 3) inputs.push_back(i);
    return inputs;
  }
  if (op == "QLinearConv" || op == "QLinearMatMul" || op == "QGemm" || op == "QLinearAdd" || op == "QLinearMul")
    return {0, 3};
  return op == "DequantizeLinear" || op.starts_with("QLinear") ? std::vector<int>{0} : std::vector<int>();
}

Status quantize_as_read_later(Import& import, Value* integers, Value* scale, Value* zero_point) {
  const DataType type = import.is_u8(integers) ? DataType::u8 : integers->type.type;
  const proto::NodeProto reader;
  const OnnxNode node(reader, integers->name, {integers, scale, zero_point});
  const Affine affine = TRY(read_affine(node, {.scale = 1, .zero_point = 2}, type, integers->shape()));
  if (affine.quantization.per_tensor()) integers->quantization = affine.quantization;
  return {};
}

namespace {

bool knows_quantized_tensors(const std::string& op) {
  return op.find("Linear") != std::string::npos || op == "QGemm" || op == "ConvInteger" || op == "MatMulInteger" ||
         op == "Shape";
}

// Clipping before quantizing is clipping after it, since the bounds are whole steps.
Result<Value*> real_to_move(Import& import, const OnnxNode& node, Value* value) {
  const Node* producer = value->producer;
  if (node.op() == "Clip" && producer != nullptr && producer->op == "quantize") return producer->inputs[0];
  if (value->is_constant())
    return add_stored_constant(import.graph(), value->name + ".real", value->constant, *value->quantization);
  return import.real(value);
}

// Inputs of a node that moves elements of quantized tensors, as reals; plain 8-bit constants are of the same tensor.
Result<std::vector<Value*>> inputs_to_move(Import& import, const OnnxNode& node, const Affine& affine) {
  std::vector<Value*> inputs;
  for (size_t i = 0; i < node.input_count(); ++i) {
    Value* input = node.input(i);
    if (is_quantized(input)) {
      if (input->quantization != affine.quantization || import.is_u8(input) != (affine.type == DataType::u8))
        return error("it joins tensors of different scales or zero points without rescaling them");
      input = TRY(real_to_move(import, node, input));
    } else if (input != nullptr && input->is_constant() && input->type.type == affine.type) {
      input = TRY(real_constant(import, *input, affine));
    }
    inputs.push_back(input);
  }
  // What a pad adds is the integer 0 unless the file says otherwise.
  if (node.op() == "Pad" && node.input(2) == nullptr) {
    inputs.resize(std::max<size_t>(inputs.size(), 3));
    Value zero;
    zero.name = node.name() + ".value";
    zero.constant = Tensor(affine.type, {});
    inputs[2] = TRY(real_constant(import, zero, affine));
  }
  return inputs;
}

Result<Value*> quantized_again(Import& import, const OnnxNode& node, Value* moved, const Affine& affine) {
  if (!moved->is_stored_as_integers()) return quantized(import, node.name() + ".integer", moved, affine);
  Value* value = import.constant(node.name() + ".integer", moved->integers);
  value->quantization = moved->quantization;
  if (affine.type == DataType::u8) import.stands_for_u8(value);
  return value;
}

// Gather(entries, Cast(q)): a function of 8 bits by its 256 values. u8 counts from 0, as our entries do.
Outputs read_table(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(1))->producer->inputs[0];
  const Value* entries = TRY(node.required(0));
  if (!entries->is_constant() || entries->type != TensorType{DataType::u8, {256}} || !import.is_u8(x) ||
      TRY(node.integer("axis", 0)) != 0)
    return error("it looks up {} in {}; a quantized u8 tensor in 256 constants of u8 is supported", x->name,
                 to_string(entries->type));
  Value* table = import.constant(entries->name, in_graph_type(entries->constant));
  Value* y = TRY(import.emit("table", node.name(), {x, table}, {{"function", std::string("table")}}));
  import.stands_for_u8(y);
  return std::vector<Value*>{y};
}

Outputs read_index(Import& import, const OnnxNode& node) {
  const DataType to = TRY(read_data_type(static_cast<int32_t>(TRY(node.integer("to", 0)))));
  if (to != DataType::s32 && to != DataType::s64)
    return error(
        "it casts the integers of a quantized tensor to {}; whole numbers, as the index into a table, are "
        "supported",
        name(to));
  Value* index = TRY(import.emit("cast", node.name(), {TRY(node.required(0))}, {{"to", std::string(name(to))}}));
  import.stands_for_index(index);
  return std::vector<Value*>{index};
}

}  // namespace

Outputs with_quantized(Converter converter, Import& import, const OnnxNode& node) {
  const Value* first = nullptr;
  for (size_t i = 0; i < node.input_count(); ++i) {
    if (first == nullptr && is_quantized(node.input(i))) first = node.input(i);
    if (node.input(i) == nullptr || !import.is_index(node.input(i))) continue;
    if (node.op() != "Gather" || i != 1)
      return error("it reads integers of a quantized tensor (\"{}\") as numbers; only the index into a table may be",
                   node.input(i)->name);
    return read_table(import, node);
  }
  if (first != nullptr && node.op() == "Cast") return read_index(import, node);
  if (first == nullptr || knows_quantized_tensors(node.op())) return converter(import, node);
  if (!moves_elements(node.proto()))
    return error("it computes with the integers of the quantized tensor \"{}\"; only operators that move elements may",
                 first->name);
  const Affine affine{.quantization = *first->quantization, .type = import.is_u8(first) ? DataType::u8 : DataType::s8};
  const std::vector<Value*> moved =
      TRY(converter(import, OnnxNode(node.proto(), node.name(), TRY(inputs_to_move(import, node, affine)))));
  std::vector<Value*> outputs;
  for (Value* value : moved) outputs.push_back(TRY(quantized_again(import, node, value, affine)));
  return outputs;
}

bool is_read_of_microsoft(const std::string& op) {
  return op == "QGemm" || op == "QuantizeLinear" || op == "DequantizeLinear" || op.starts_with("QLinear");
}

}  // namespace espalier::read::onnx
