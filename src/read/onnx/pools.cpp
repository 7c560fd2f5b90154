// MaxPool, AveragePool, GlobalAveragePool, ReduceMean, Softmax.
#include "ops/shapes.h"
#include "read/onnx/import.h"
#include "read/onnx/windows.h"

namespace espalier::read::onnx {
namespace {

Result<Attributes> read_pool(const OnnxNode& node, const Shape& input) {
  const std::vector<int64_t> kernel = TRY(node.integers("kernel_shape"));
  Attributes attributes = TRY(read_window(node, input, kernel));
  attributes["kernel"] = kernel;
  if (TRY(node.integer("ceil_mode", 0)) == 0) return attributes;
  // ceil_mode adds padding at the end until the last window fits; a window that would start in it is dropped.
  const auto list = [&](const char* name, std::vector<int64_t> absent) {
    return attributes.contains(name) ? std::get<std::vector<int64_t>>(attributes.at(name)) : absent;
  };
  std::vector<int64_t> padding = list("padding", {0, 0, 0, 0});
  const std::vector<int64_t> strides = list("strides", {1, 1});
  const std::vector<int64_t> dilations = list("dilations", {1, 1});
  for (size_t d = 0; d < 2; ++d) {
    const int64_t size = input[d + 2];
    const int64_t span = (kernel[d] - 1) * dilations[d] + 1;
    const int64_t room = size + padding[d] + padding[d + 2] - span;
    if (room < 0) continue;  // the shape rule reports it
    int64_t outputs = (room + strides[d] - 1) / strides[d] + 1;
    if ((outputs - 1) * strides[d] >= size + padding[d]) --outputs;
    const int64_t missing = (outputs - 1) * strides[d] + span - (size + padding[d] + padding[d + 2]);
    if (missing > 0 && node.op() == "AveragePool" && TRY(node.integer("count_include_pad", 0)) != 0)
      return error("ceil_mode together with count_include_pad is not supported where the last window overhangs");
    padding[d + 2] += std::max<int64_t>(missing, 0);
  }
  attributes["padding"] = padding;
  return attributes;
}

Result<std::vector<int64_t>> normalized(const std::vector<int64_t>& axes, size_t rank) {
  std::vector<int64_t> result;
  for (const int64_t axis : axes) result.push_back(TRY(ops::normalize_axis(axis, rank)));
  return result;
}

}  // namespace

Outputs convert_MaxPool(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  const Attributes attributes = TRY(read_pool(node, x->shape()));
  Value* y = TRY(import.emit("max_pool", node.name(), {TRY(import.to_nhwc(x))}, attributes));
  return std::vector<Value*>{TRY(import.to_nchw(y))};  // its second output, the indices, is not made
}

Outputs convert_AveragePool(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  Attributes attributes = TRY(read_pool(node, x->shape()));
  if (TRY(node.integer("count_include_pad", 0)) != 0) attributes["count_padding"] = int64_t{1};
  Value* y = TRY(import.emit("average_pool", node.name(), {TRY(import.to_nhwc(x))}, attributes));
  return std::vector<Value*>{TRY(import.to_nchw(y))};
}

Outputs convert_GlobalAveragePool(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  Value* y =
      TRY(import.emit("reduce_mean", node.name(), {TRY(import.to_nhwc(x))}, {{"axes", std::vector<int64_t>{1, 2}}}));
  return std::vector<Value*>{TRY(import.to_nchw(y))};
}

namespace {

Outputs reduce(Import& import, const OnnxNode& node, const char* op) {
  Value* x = TRY(node.required(0));
  std::vector<int64_t> axes = TRY(node.integers("axes"));
  // From opset 18 on the axes are an input.
  if (const auto given = TRY(node.constant_integers(1, "axes"))) axes = *given;
  if (axes.empty() && TRY(node.integer("noop_with_empty_axes", 0)) != 0) return std::vector<Value*>{x};
  if (axes.empty())
    for (size_t d = 0; d < x->shape().size(); ++d) axes.push_back(static_cast<int64_t>(d));
  axes = TRY(normalized(axes, x->shape().size()));
  // A spatial mean in NHWC is what integers and kernels know.
  const bool spatial = x->shape().size() == 4 && axes == std::vector<int64_t>{2, 3};
  Value* mean = spatial ? TRY(import.to_nhwc(x)) : x;
  mean = TRY(import.emit(op, node.name(), {mean}, {{"axes", spatial ? std::vector<int64_t>{1, 2} : axes}}));
  if (spatial) mean = TRY(import.to_nchw(mean));
  if (TRY(node.integer("keepdims", 1)) != 0) return std::vector<Value*>{mean};
  Shape shape;
  for (size_t d = 0; d < x->shape().size(); ++d)
    if (std::find(axes.begin(), axes.end(), static_cast<int64_t>(d)) == axes.end()) shape.push_back(x->shape()[d]);
  return std::vector<Value*>{TRY(import.emit("reshape", node.name() + ".squeezed", {mean}, {{"shape", shape}}))};
}

}  // namespace

Outputs convert_ReduceMean(Import& import, const OnnxNode& node) { return reduce(import, node, "reduce_mean"); }
Outputs convert_ReduceSum(Import& import, const OnnxNode& node) { return reduce(import, node, "reduce_sum"); }

Outputs convert_Softmax(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  const size_t rank = x->shape().size();
  const bool flattens = import.opset() < 13;
  const int64_t axis = TRY(ops::normalize_axis(TRY(node.integer("axis", flattens ? 1 : -1)), rank));
  if (flattens && axis + 1 != static_cast<int64_t>(rank)) {
    // Before opset 13 all dimensions from the axis on are one row.
    int64_t rows = 1;
    int64_t row = 1;
    for (size_t d = 0; d < rank; ++d) (static_cast<int64_t>(d) < axis ? rows : row) *= x->shape()[d];
    Value* flat = TRY(import.emit("reshape", node.name() + ".rows", {x}, {{"shape", Shape{rows, row}}}));
    Value* y = TRY(import.emit("softmax", node.name(), {flat}));
    return std::vector<Value*>{TRY(import.emit("reshape", node.name() + ".shaped", {y}, {{"shape", x->shape()}}))};
  }
  if (axis + 1 == static_cast<int64_t>(rank)) return std::vector<Value*>{TRY(import.emit("softmax", node.name(), {x}))};
  std::vector<int64_t> swap;
  for (size_t d = 0; d < rank; ++d) swap.push_back(static_cast<int64_t>(d));
  std::swap(swap[static_cast<size_t>(axis)], swap[rank - 1]);
  Value* last = TRY(import.emit("transpose", node.name() + ".last", {x}, {{"permutation", swap}}));
  Value* y = TRY(import.emit("softmax", node.name(), {last}));
  return std::vector<Value*>{TRY(import.emit("transpose", node.name() + ".back", {y}, {{"permutation", swap}}))};
}

}  // namespace espalier::read::onnx
