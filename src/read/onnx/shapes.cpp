// Operators that make constants, ask for shapes, or move elements.
#include "ops/shapes.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "read/onnx/import.h"

namespace espalier::read::onnx {
namespace {

Outputs reshaped(Import& import, const OnnxNode& node, Value* x, const Shape& shape) {
  return std::vector<Value*>{TRY(import.emit("reshape", node.name(), {x}, {{"shape", shape}}))};
}

// Axes from an attribute (older opsets) or a constant input.
Result<std::vector<int64_t>> read_axes(const OnnxNode& node, size_t input, size_t rank) {
  std::vector<int64_t> axes = TRY(node.integers("axes"));
  if (const auto given = TRY(node.constant_integers(input, "axes"))) axes = *given;
  for (int64_t& axis : axes) axis = TRY(ops::normalize_axis(axis, rank));
  return axes;
}

struct Cut {
  int64_t begin, end, step;
};

// One dimension of Slice by the rules of ONNX: negative numbers count from the end, all are clamped to the extent.
Result<Cut> read_cut(int64_t start, int64_t end, int64_t step, int64_t extent) {
  if (step == 0) return error("a step of 0 is impossible");
  const int64_t low = step > 0 ? 0 : -1;
  const int64_t high = step > 0 ? extent : extent - 1;
  const auto clamped = [&](int64_t index) {
    return std::clamp<int64_t>(index < 0 ? std::max(index, -extent - 1) + extent : index, low, high);
  };
  const int64_t from = clamped(start);
  const int64_t to = clamped(end);
  return Cut{from, step > 0 ? std::max(from, to) : std::min(from, to), step};
}

Outputs sliced(Import& import, const std::string& name, Value* x, const std::vector<Cut>& cuts) {
  std::vector<int64_t> begin, end, step;
  for (const Cut& cut : cuts) {
    begin.push_back(cut.begin);
    end.push_back(cut.end);
    step.push_back(cut.step);
  }
  return std::vector<Value*>{TRY(import.emit("slice", name, {x}, {{"begin", begin}, {"end", end}, {"step", step}}))};
}

std::vector<Cut> whole(const Shape& shape) {
  std::vector<Cut> cuts;
  for (const int64_t extent : shape) cuts.push_back({0, extent, 1});
  return cuts;
}

}  // namespace

Outputs convert_Constant(Import& import, const OnnxNode& node) {
  if (const proto::AttributeProto* value = node.find("value")) {
    Tensor tensor = TRY(read_tensor(value->t(), import.folder()));
    import.make_room(tensor.size_bytes());
    return std::vector<Value*>{import.constant(node.name(), std::move(tensor))};
  }
  if (node.has("value_float"))
    return std::vector<Value*>{import.constant(node.name(), tensor_f32({}, {TRY(node.real("value_float", 0))}))};
  if (node.has("value_int") || node.has("value_ints")) {
    const bool scalar = node.has("value_int");
    const std::vector<int64_t> numbers =
        scalar ? std::vector<int64_t>{TRY(node.integer("value_int", 0))} : TRY(node.integers("value_ints"));
    Value* list = import.constant_s64(node.name(), numbers);
    return scalar ? reshaped(import, node, list, {}) : Outputs(std::vector<Value*>{list});
  }
  if (node.has("value_floats")) {
    const std::vector<float> numbers = TRY(node.reals("value_floats"));
    Tensor tensor(DataType::f32, {static_cast<int64_t>(numbers.size())});
    std::copy(numbers.begin(), numbers.end(), tensor.mutable_data<float>());
    return std::vector<Value*>{import.constant(node.name(), std::move(tensor))};
  }
  return error("its value is of a kind that is not supported (sparse or text)");
}

Outputs convert_ConstantOfShape(Import& import, const OnnxNode& node) {
  const auto given = TRY(node.constant_integers(0, "extents"));
  if (!given) return error("its shape is missing");
  // One element decides the value and the type; without it, it is the float 0.
  const proto::AttributeProto* value = node.find("value");
  const Tensor element = value == nullptr ? tensor_f32({1}, {0}) : TRY(read_tensor(value->t(), import.folder()));
  if (element.count() != 1) return error("its value has {} elements, one is needed", element.count());
  const std::optional<int64_t> count = checked_element_count(*given);
  if (!count) return error("shape {} is impossible", to_string(*given));
  TRY_STATUS(import.spend(*count * size_bytes(element.type())));
  Tensor filled(element.type(), *given);
  const auto size = static_cast<size_t>(size_bytes(element.type()));
  char* bytes = static_cast<char*>(filled.mutable_bytes());
  for (int64_t i = 0; i < *count; ++i) std::memcpy(bytes + static_cast<size_t>(i) * size, element.bytes(), size);
  return std::vector<Value*>{import.constant(node.name(), std::move(filled))};
}

// What is filled as far as the data say has a shape that only they know.
Result<Shape> known_shape(Import& import, const OnnxNode& node) {
  const Value* x = TRY(node.required(0));
  if (const auto open = TRY(import.open_lengths().of(x)))
    return error("the shape of \"{}\" is data: as many places are filled as \"{}\" finds", x->name, open->source->name);
  return x->shape();
}

Outputs convert_Shape(Import& import, const OnnxNode& node) {
  const Shape shape = TRY(known_shape(import, node));
  const auto rank = static_cast<int64_t>(shape.size());
  const auto bound = [rank](int64_t index) { return std::clamp<int64_t>(index < 0 ? index + rank : index, 0, rank); };
  const int64_t start = bound(TRY(node.integer("start", 0)));
  const int64_t end = std::max(start, bound(TRY(node.integer("end", rank))));
  return std::vector<Value*>{import.constant_s64(node.name(), {shape.begin() + start, shape.begin() + end})};
}

Outputs convert_Size(Import& import, const OnnxNode& node) {
  const int64_t count = element_count(TRY(known_shape(import, node)));
  return reshaped(import, node, import.constant_s64(node.name(), {count}), {});
}

// Its length is data, so its bounds must be constants.
Outputs convert_Range(Import& import, const OnnxNode& node) {
  std::vector<Value*> bounds;
  for (size_t i = 0; i < 3; ++i) {
    Value* bound = TRY(node.required(i));
    if (!bound->is_constant() || bound->constant.count() != 1)
      return error("its start, limit and step must be constants of one element");
    bounds.push_back(bound);
  }
  const DataType type = bounds[0]->type.type;
  if (type != DataType::f32 && type != DataType::s64 && type != DataType::s32)
    return error("a range of {} is not supported", name(type));
  const auto number = [&](size_t i) {
    const Tensor& tensor = bounds[i]->constant;
    return type == DataType::f32   ? double{tensor.data<float>()[0]}
           : type == DataType::s64 ? static_cast<double>(tensor.data<int64_t>()[0])
                                   : double{static_cast<double>(tensor.data<int32_t>()[0])};
  };
  if (bounds[1]->type.type != type || bounds[2]->type.type != type || number(2) == 0)
    return error("its start, limit and step need one type, and a step other than 0");
  const double steps = std::max(0.0, std::ceil((number(1) - number(0)) / number(2)));
  if (!(steps < 1e9)) return error("a range of {} elements is not possible", steps);
  const auto count = static_cast<int64_t>(steps);
  TRY_STATUS(import.spend(count * size_bytes(type)));
  Tensor range(type, {count});
  for (int64_t i = 0; i < count; ++i) {
    const double value = number(0) + static_cast<double>(i) * number(2);
    if (type == DataType::f32) range.mutable_data<float>()[i] = static_cast<float>(value);
    if (type == DataType::s64) range.mutable_data<int64_t>()[i] = static_cast<int64_t>(value);
    if (type == DataType::s32) range.mutable_data<int32_t>()[i] = static_cast<int32_t>(value);
  }
  return std::vector<Value*>{import.constant(node.name(), std::move(range))};
}

// Ones on a diagonal, in the type that is asked for, else that of the input.
Outputs convert_EyeLike(Import& import, const OnnxNode& node) {
  const Value* x = TRY(node.required(0));
  if (x->shape().size() != 2) return error("the input has {} dimensions, 2 are needed", x->shape().size());
  const int64_t diagonal = TRY(node.integer("k", 0));
  const int64_t rows = x->shape()[0];
  const int64_t columns = x->shape()[1];
  TRY_STATUS(import.spend(rows * columns * int64_t{sizeof(float)}));
  Tensor eye(DataType::f32, x->shape());
  float* data = eye.mutable_data<float>();
  std::fill_n(data, rows * columns, 0.0f);
  for (int64_t row = 0; row < rows; ++row)
    if (const int64_t column = row + std::clamp(diagonal, -rows, columns); column >= 0 && column < columns)
      data[row * columns + column] = 1.0f;
  Value* value = import.constant(node.name(), std::move(eye));
  DataType type = x->type.type;
  if (node.has("dtype")) type = TRY(read_data_type(static_cast<int32_t>(TRY(node.integer("dtype", 0)))));
  if (type == DataType::f32) return std::vector<Value*>{value};
  return std::vector<Value*>{
      TRY(import.emit("cast", node.name() + ".typed", {value}, {{"to", std::string(name(type))}}))};
}

Outputs convert_Tile(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  const auto repeats = TRY(node.constant_integers(1, "repeats"));
  if (!repeats) return error("its repeats are missing");
  return std::vector<Value*>{TRY(import.emit("tile", node.name(), {x}, {{"repeats", *repeats}}))};
}

Outputs convert_Trilu(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  int64_t diagonal = 0;
  if (const auto given = TRY(node.constant_integers(1, "diagonal"))) {
    if (given->size() != 1) return error("its diagonal has {} values, one is needed", given->size());
    diagonal = (*given)[0];
  }
  return std::vector<Value*>{TRY(
      import.emit("triangle", node.name(), {x}, {{"upper", TRY(node.integer("upper", 1))}, {"diagonal", diagonal}}))};
}

Outputs convert_Reshape(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  const auto given = TRY(node.constant_integers(1, "extents"));
  if (!given) return error("its shape is missing");
  const bool zero_is_zero = TRY(node.integer("allowzero", 0)) != 0;
  Shape shape = *given;
  int64_t known = 1;
  std::optional<size_t> open;
  for (size_t d = 0; d < shape.size(); ++d) {
    if (shape[d] == 0 && !zero_is_zero) {
      if (d >= x->shape().size())
        return error("extent {} is 0, to be copied, but the input has {} dimensions", d, x->shape().size());
      shape[d] = x->shape()[d];
    }
    if (shape[d] == -1 && open) return error("two extents are -1");
    if (shape[d] == -1) {
      open = d;
    } else if (shape[d] < 0 || __builtin_mul_overflow(known, shape[d], &known)) {
      return error("the shape {} is impossible", to_string(shape));
    }
  }
  const int64_t total = element_count(x->shape());
  if (open) {
    if (known == 0 || total % known != 0) return error("{} elements cannot take the shape {}", total, to_string(shape));
    shape[*open] = total / known;
  }
  return reshaped(import, node, x, shape);
}

Outputs convert_Flatten(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  const Shape& shape = x->shape();
  const auto rank = static_cast<int64_t>(shape.size());
  int64_t axis = TRY(node.integer("axis", 1));
  if (axis < -rank || axis > rank) return error("axis {} is outside of {} dimensions", axis, rank);
  if (axis < 0) axis += rank;
  const auto product = [&](int64_t from, int64_t to) {
    return std::accumulate(shape.begin() + from, shape.begin() + to, int64_t{1}, std::multiplies<>());
  };
  return reshaped(import, node, x, {product(0, axis), product(axis, rank)});
}

Outputs convert_Squeeze(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  const std::vector<int64_t> axes = TRY(read_axes(node, 1, x->shape().size()));
  Shape shape;
  for (size_t d = 0; d < x->shape().size(); ++d) {
    const bool named = std::find(axes.begin(), axes.end(), static_cast<int64_t>(d)) != axes.end();
    if (named && x->shape()[d] != 1) return error("dimension {} of {} is not 1", d, to_string(x->shape()));
    if (!(named || (axes.empty() && x->shape()[d] == 1))) shape.push_back(x->shape()[d]);
  }
  return reshaped(import, node, x, shape);
}

Outputs convert_Unsqueeze(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  std::vector<int64_t> axes = TRY(node.integers("axes"));
  if (const auto given = TRY(node.constant_integers(1, "axes"))) axes = *given;
  const size_t rank = x->shape().size() + axes.size();
  std::vector<bool> is_new(rank, false);
  for (const int64_t axis : axes) is_new[static_cast<size_t>(TRY(ops::normalize_axis(axis, rank)))] = true;
  if (std::count(is_new.begin(), is_new.end(), true) != static_cast<int64_t>(axes.size()))
    return error("an axis is named twice");
  Shape shape;
  size_t next = 0;
  for (size_t d = 0; d < rank; ++d) shape.push_back(is_new[d] ? 1 : x->shape()[next++]);
  return reshaped(import, node, x, shape);
}

Outputs convert_Transpose(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  std::vector<int64_t> reversed(x->shape().size());
  for (size_t d = 0; d < reversed.size(); ++d) reversed[d] = static_cast<int64_t>(reversed.size() - 1 - d);
  const std::vector<int64_t> permutation = TRY(node.integers("perm", reversed));
  return std::vector<Value*>{TRY(import.emit("transpose", node.name(), {x}, {{"permutation", permutation}}))};
}

Outputs convert_Concat(Import& import, const OnnxNode& node) {
  std::vector<Value*> inputs;
  for (size_t i = 0; i < node.input_count(); ++i) inputs.push_back(TRY(node.required(i)));
  if (inputs.empty()) return error("it has no input");
  // Opset 1 has a default; from opset 4 on the attribute must be there.
  if (import.opset() >= 4 && !node.has("axis")) return error("its axis is missing");
  const int64_t axis = TRY(ops::normalize_axis(TRY(node.integer("axis", 1)), inputs[0]->shape().size()));
  return std::vector<Value*>{TRY(import.emit("concat", node.name(), inputs, {{"axis", axis}}))};
}

Outputs convert_Split(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  const auto axis = static_cast<size_t>(TRY(ops::normalize_axis(TRY(node.integer("axis", 0)), x->shape().size())));
  std::vector<int64_t> sizes = TRY(node.integers("split"));
  if (const auto given = TRY(node.constant_integers(1, "sizes"))) sizes = *given;
  const int64_t extent = x->shape()[axis];
  const auto count = static_cast<int64_t>(node.output_count());
  for (const int64_t size : sizes)
    if (size < 0 || size > extent) return error("a part of {} does not fit the extent {}", size, extent);
  if (sizes.empty()) {
    // Equal parts; from opset 18 on the last may be smaller.
    const int64_t size = (extent + count - 1) / count;
    for (int64_t i = 0; i < count; ++i) sizes.push_back(std::min(size, extent - std::min(extent, i * size)));
  }
  if (static_cast<int64_t>(sizes.size()) != count || std::accumulate(sizes.begin(), sizes.end(), int64_t{0}) != extent)
    return error("{} parts do not make up the extent {} with {} outputs", sizes.size(), extent, count);
  std::vector<Value*> outputs;
  int64_t begin = 0;
  for (size_t i = 0; i < sizes.size(); ++i) {
    std::vector<Cut> cuts = whole(x->shape());
    cuts[axis] = {begin, begin + sizes[i], 1};
    begin += sizes[i];
    outputs.push_back(TRY(sliced(import, fmt::format("{}.{}", node.name(), i), x, cuts))[0]);
  }
  return outputs;
}

// Starts, ends, axes and steps are attributes before opset 10 and inputs from then on.
Outputs convert_Slice(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  const auto read = [&](size_t index, const char* name) -> Result<std::vector<int64_t>> {
    if (const auto given = TRY(node.constant_integers(index, name))) return *given;
    return node.integers(name);
  };
  const std::vector<int64_t> starts = TRY(read(1, "starts"));
  const std::vector<int64_t> ends = TRY(read(2, "ends"));
  std::vector<int64_t> axes = TRY(read(3, "axes"));
  std::vector<int64_t> steps = TRY(read(4, "steps"));
  if (axes.empty())
    for (size_t i = 0; i < starts.size(); ++i) axes.push_back(static_cast<int64_t>(i));
  if (steps.empty()) steps.assign(starts.size(), 1);
  if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size())
    return error("it has {} starts, {} ends, {} axes and {} steps", starts.size(), ends.size(), axes.size(),
                 steps.size());
  std::vector<Cut> cuts = whole(x->shape());
  for (size_t i = 0; i < axes.size(); ++i) {
    const auto axis = static_cast<size_t>(TRY(ops::normalize_axis(axes[i], x->shape().size())));
    cuts[axis] = TRY(read_cut(starts[i], ends[i], steps[i], x->shape()[axis]));
  }
  return sliced(import, node.name(), x, cuts);
}

namespace {

// The element of the input that stands at `index`, which may lie outside of it.
int64_t mirrored_index(const std::string& mode, int64_t index, int64_t extent) {
  if (mode == "edge") return std::clamp<int64_t>(index, 0, extent - 1);
  const int64_t period = mode == "wrap" ? extent : std::max<int64_t>(2 * (extent - 1), 1);
  const int64_t inside = (index % period + period) % period;
  return inside < extent ? inside : period - inside;
}

// Padding with elements of the input chooses slices along each axis.
Outputs padded_with_own(Import& import, const OnnxNode& node, Value* x, const std::string& mode,
                        const std::vector<int64_t>& before, const std::vector<int64_t>& after) {
  for (size_t d = 0; d < before.size(); ++d) {
    if (before[d] == 0 && after[d] == 0) continue;
    const int64_t extent = x->shape()[d];
    if (extent < 1) return error("dimension {} has no element to pad with", d);
    std::vector<int64_t> indices;
    for (int64_t i = -before[d]; i < extent + after[d]; ++i) indices.push_back(mirrored_index(mode, i, extent));
    const std::string name = fmt::format("{}.{}", node.name(), d);
    Value* chosen = import.constant_s64(name + ".indices", indices);
    x = TRY(import.emit("gather", name, {x, chosen}, {{"axis", static_cast<int64_t>(d)}}));
  }
  return std::vector<Value*>{x};
}

}  // namespace

// Negative pads crop, which some exporters use.
Outputs convert_Pad(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  const std::string mode = TRY(node.text("mode", "constant"));
  if (mode != "constant" && mode != "reflect" && mode != "edge" && mode != "wrap")
    return error("mode \"{}\" is none of constant, reflect, edge, wrap", mode);
  std::vector<int64_t> pads = TRY(node.integers("pads"));
  if (const auto given = TRY(node.constant_integers(1, "pads"))) pads = *given;
  float value = TRY(node.real("value", 0));
  if (const auto given = TRY(node.constant_reals(2, "padding value"))) value = given->empty() ? 0 : (*given)[0];
  const size_t rank = x->shape().size();
  std::vector<size_t> axes;
  if (const auto given = TRY(node.constant_integers(3, "axes"))) {
    for (const int64_t axis : *given) axes.push_back(static_cast<size_t>(TRY(ops::normalize_axis(axis, rank))));
  } else {
    for (size_t d = 0; d < rank; ++d) axes.push_back(d);
  }
  if (pads.size() != 2 * axes.size()) return error("it has {} pads for {} dimensions", pads.size(), axes.size());
  std::vector<int64_t> before(rank, 0);
  std::vector<int64_t> after(rank, 0);
  std::vector<Cut> cuts = whole(x->shape());
  bool crops = false;
  bool grows = false;
  for (size_t i = 0; i < axes.size(); ++i) {
    const int64_t front = pads[i];
    const int64_t back = pads[axes.size() + i];
    constexpr int64_t kPadMax = int64_t{1} << 24;
    if (front < -kPadMax || back < -kPadMax || front > kPadMax || back > kPadMax)
      return error("it pads by {} and {}", front, back);
    Cut& cut = cuts[axes[i]];
    cut.begin = std::min(std::max<int64_t>(-front, 0), cut.end);
    cut.end = std::max(cut.begin, cut.end - std::max<int64_t>(-back, 0));
    crops |= front < 0 || back < 0;
    grows |= front > 0 || back > 0;
    before[axes[i]] = std::max<int64_t>(front, 0);
    after[axes[i]] = std::max<int64_t>(back, 0);
  }
  if (crops) x = TRY(sliced(import, node.name() + ".crop", x, cuts))[0];
  if (!grows) return std::vector<Value*>{x};
  if (mode != "constant") return padded_with_own(import, node, x, mode, before, after);
  return std::vector<Value*>{
      TRY(import.emit("pad", node.name(), {x}, {{"before", before}, {"after", after}, {"value", value}}))};
}

Outputs convert_SpaceToDepth(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  Value* y = TRY(import.emit("space_to_depth", node.name(), {TRY(import.to_nhwc(x))},
                             {{"block", TRY(node.integer("blocksize", 0))}}));
  return std::vector<Value*>{TRY(import.to_nchw(y))};
}

// The wanted shape may itself be broadcast to the input's.
Outputs convert_Expand(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  const auto wanted = TRY(node.constant_integers(1, "shape"));
  if (!wanted) return error("input 1, the shape, is missing");
  const Shape shape = TRY(ops::broadcast_shapes(x->shape(), *wanted));
  return std::vector<Value*>{TRY(import.emit("expand", node.name(), {x}, {{"shape", shape}}))};
}

Outputs convert_DepthToSpace(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  const std::string mode = TRY(node.text("mode", "DCR"));
  if (mode != "DCR" && mode != "CRD") return error("mode \"{}\" is none of DCR, CRD", mode);
  Value* y = TRY(import.emit("depth_to_space", node.name(), {TRY(import.to_nhwc(x))},
                             {{"block", TRY(node.integer("blocksize", 0))},
                              {"order", std::string(mode == "DCR" ? "pixels_first" : "channels_first")}}));
  return std::vector<Value*>{TRY(import.to_nchw(y))};
}

}  // namespace espalier::read::onnx
