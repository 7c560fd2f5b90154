// Operators along axes: Reduce*, ArgMax, ArgMin, TopK, CumSum, Softmax and its relatives.
#include <algorithm>
#include <limits>

#include "ops/shapes.h"
#include "read/onnx/import.h"

namespace espalier::read::onnx {
namespace {

Outputs one(Result<Value*> value) {
  if (!value.ok()) return value.error();
  return std::vector<Value*>{*value};
}

// Every axis, or those of the attribute (older opsets) or of the second input; nothing for a node that leaves its input
// as it is.
Result<std::optional<std::vector<int64_t>>> read_reduced_axes(const OnnxNode& node, size_t rank) {
  std::vector<int64_t> axes = TRY(node.integers("axes"));
  if (const auto given = TRY(node.constant_integers(1, "axes"))) axes = *given;
  if (axes.empty() && TRY(node.integer("noop_with_empty_axes", 0)) != 0) return std::optional<std::vector<int64_t>>();
  if (axes.empty())
    for (size_t d = 0; d < rank; ++d) axes.push_back(static_cast<int64_t>(d));
  for (int64_t& axis : axes) axis = TRY(ops::normalize_axis(axis, rank));
  std::sort(axes.begin(), axes.end());
  if (std::adjacent_find(axes.begin(), axes.end()) != axes.end()) return error("an axis is named twice");
  return std::optional(axes);
}

Result<Value*> without_axes(Import& import, const std::string& name, Value* value, const std::vector<int64_t>& axes) {
  Shape shape;
  for (size_t d = 0; d < value->shape().size(); ++d)
    if (std::find(axes.begin(), axes.end(), static_cast<int64_t>(d)) == axes.end()) shape.push_back(value->shape()[d]);
  return import.emit("reshape", name + ".squeezed", {value}, {{"shape", shape}});
}

// `op` over the axes of the node, which stay with extent 1. A spatial reduction in NHWC is what kernels know.
Result<Value*> reduced(Import& import, const std::string& name, Value* x, const std::string& op,
                       const std::vector<int64_t>& axes) {
  if (axes.empty()) return x;  // of a scalar
  if (x->shape().size() != 4 || axes != std::vector<int64_t>{2, 3}) return import.emit(op, name, {x}, {{"axes", axes}});
  Value* y = TRY(import.emit(op, name, {TRY(import.to_nhwc(x))}, {{"axes", std::vector<int64_t>{1, 2}}}));
  return import.to_nchw(y);
}

// before(x) -> op over axes -> after(y), each a function of an element.
struct Reduction {
  std::string before;  // "square", an operator, or nothing
  std::string op;
  std::string after;  // an operator or nothing
};

Outputs reduce(Import& import, const OnnxNode& node, const Reduction& reduction) {
  Value* x = TRY(node.required(0));
  const auto axes = TRY(read_reduced_axes(node, x->shape().size()));
  if (reduction.before == "square") {
    x = TRY(import.emit("mul", node.name() + ".square", {x, x}));
  } else if (!reduction.before.empty()) {
    x = TRY(import.emit(reduction.before, fmt::format("{}.{}", node.name(), reduction.before), {x}));
  }
  Value* y = x;
  if (axes) y = TRY(reduced(import, node.name(), x, reduction.op, *axes));
  if (axes && TRY(node.integer("keepdims", 1)) == 0) y = TRY(without_axes(import, node.name(), y, *axes));
  if (!reduction.after.empty())
    y = TRY(import.emit(reduction.after, fmt::format("{}.{}", node.name(), reduction.after), {y}));
  return std::vector<Value*>{y};
}

// log(sum(exp(x))), around the largest element so that nothing overflows; around the largest number where that is
// infinite, since inf - inf is none.
Outputs reduce_log_sum_exp(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  const auto axes = TRY(read_reduced_axes(node, x->shape().size()));
  if (!axes || axes->empty()) return std::vector<Value*>{x};
  Value* largest = TRY(reduced(import, node.name() + ".max", x, "reduce_max", *axes));
  constexpr float kLargest = std::numeric_limits<float>::max();
  largest =
      TRY(import.emit("clip", node.name() + ".centre", {largest}, {{"clip_min", -kLargest}, {"clip_max", kLargest}}));
  Value* rest = TRY(import.emit("sub", node.name() + ".rest", {x, largest}));
  Value* exponentials = TRY(import.emit("exp", node.name() + ".exp", {rest}));
  Value* sum = TRY(reduced(import, node.name(), exponentials, "reduce_sum", *axes));
  Value* y =
      TRY(import.emit("add", node.name() + ".sum", {TRY(import.emit("log", node.name() + ".log", {sum})), largest}));
  if (TRY(node.integer("keepdims", 1)) == 0) y = TRY(without_axes(import, node.name(), y, *axes));
  return std::vector<Value*>{y};
}

Outputs extreme_index(Import& import, const OnnxNode& node, const char* op) {
  Value* x = TRY(node.required(0));
  const int64_t axis = TRY(ops::normalize_axis(TRY(node.integer("axis", 0)), x->shape().size()));
  Attributes attributes = {{"axis", axis}};
  if (TRY(node.integer("select_last_index", 0)) != 0) attributes["last"] = int64_t{1};
  Value* y = TRY(import.emit(op, node.name(), {x}, attributes));
  return TRY(node.integer("keepdims", 1)) != 0 ? Outputs(std::vector<Value*>{y})
                                               : one(without_axes(import, node.name(), y, {axis}));
}

// Exchanges the axis with the last dimension; its own inverse.
std::vector<int64_t> swapped_with_last(size_t rank, int64_t axis) {
  std::vector<int64_t> swap;
  for (size_t d = 0; d < rank; ++d) swap.push_back(static_cast<int64_t>(d));
  std::swap(swap[static_cast<size_t>(axis)], swap[rank - 1]);
  return swap;
}

// `rows` makes of a value another of its shape, by its last dimension. Before opset 13 all dimensions from the axis on
// are one row.
template <class Rows>
Outputs along_axis(Import& import, const OnnxNode& node, Rows rows) {
  Value* x = TRY(node.required(0));
  const size_t rank = x->shape().size();
  const bool flattens = import.opset() < 13;
  const int64_t axis = TRY(ops::normalize_axis(TRY(node.integer("axis", flattens ? 1 : -1)), rank));
  if (axis + 1 == static_cast<int64_t>(rank)) return one(rows(x));
  if (flattens) {
    int64_t count = 1;
    int64_t row = 1;
    for (size_t d = 0; d < rank; ++d) (static_cast<int64_t>(d) < axis ? count : row) *= x->shape()[d];
    Value* flat = TRY(import.emit("reshape", node.name() + ".rows", {x}, {{"shape", Shape{count, row}}}));
    return one(import.emit("reshape", node.name() + ".shaped", {TRY(rows(flat))}, {{"shape", x->shape()}}));
  }
  const std::vector<int64_t> swap = swapped_with_last(rank, axis);
  Value* last = TRY(import.emit("transpose", node.name() + ".last", {x}, {{"permutation", swap}}));
  return one(import.emit("transpose", node.name() + ".back", {TRY(rows(last))}, {{"permutation", swap}}));
}

}  // namespace

Outputs convert_ReduceMean(Import& import, const OnnxNode& node) {
  return reduce(import, node, {"", "reduce_mean", ""});
}
Outputs convert_ReduceSum(Import& import, const OnnxNode& node) { return reduce(import, node, {"", "reduce_sum", ""}); }
Outputs convert_ReduceMax(Import& import, const OnnxNode& node) { return reduce(import, node, {"", "reduce_max", ""}); }
Outputs convert_ReduceMin(Import& import, const OnnxNode& node) { return reduce(import, node, {"", "reduce_min", ""}); }
Outputs convert_ReduceProd(Import& import, const OnnxNode& node) {
  return reduce(import, node, {"", "reduce_prod", ""});
}
Outputs convert_ReduceL1(Import& import, const OnnxNode& node) {
  return reduce(import, node, {"abs", "reduce_sum", ""});
}
Outputs convert_ReduceL2(Import& import, const OnnxNode& node) {
  return reduce(import, node, {"square", "reduce_sum", "sqrt"});
}
Outputs convert_ReduceSumSquare(Import& import, const OnnxNode& node) {
  return reduce(import, node, {"square", "reduce_sum", ""});
}
Outputs convert_ReduceLogSum(Import& import, const OnnxNode& node) {
  return reduce(import, node, {"", "reduce_sum", "log"});
}
Outputs convert_ReduceLogSumExp(Import& import, const OnnxNode& node) { return reduce_log_sum_exp(import, node); }

Outputs convert_ArgMax(Import& import, const OnnxNode& node) { return extreme_index(import, node, "arg_max"); }
Outputs convert_ArgMin(Import& import, const OnnxNode& node) { return extreme_index(import, node, "arg_min"); }

// k is an attribute before opset 10.
Outputs convert_TopK(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  int64_t k = TRY(node.integer("k", 0));
  if (const auto given = TRY(node.constant_integers(1, "k"))) {
    if (given->size() != 1) return error("its k has {} values, one is needed", given->size());
    k = (*given)[0];
  }
  const int64_t axis = TRY(ops::normalize_axis(TRY(node.integer("axis", -1)), x->shape().size()));
  return import.emit_all("top_k", node.name(), {x},
                         {{"axis", axis}, {"k", k}, {"largest", TRY(node.integer("largest", 1))}}, 2);
}

Outputs convert_CumSum(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  const auto axis = TRY(node.constant_integers(1, "axis"));
  if (!axis || axis->size() != 1) return error("its axis must be one number");
  return one(import.emit("cumulative_sum", node.name(), {x},
                         {{"axis", TRY(ops::normalize_axis((*axis)[0], x->shape().size()))},
                          {"exclusive", TRY(node.integer("exclusive", 0))},
                          {"reverse", TRY(node.integer("reverse", 0))}}));
}

Outputs convert_Softmax(Import& import, const OnnxNode& node) {
  return along_axis(import, node, [&](Value* x) { return import.emit("softmax", node.name(), {x}); });
}

// x - max - log(sum(exp(x - max))): the logarithm of a softmax would lose small elements.
Outputs convert_LogSoftmax(Import& import, const OnnxNode& node) {
  return along_axis(import, node, [&](Value* x) -> Result<Value*> {
    const Attributes last = {{"axes", std::vector<int64_t>{static_cast<int64_t>(x->shape().size()) - 1}}};
    Value* largest = TRY(import.emit("reduce_max", node.name() + ".max", {x}, last));
    Value* rest = TRY(import.emit("sub", node.name() + ".rest", {x, largest}));
    Value* sum = TRY(
        import.emit("reduce_sum", node.name() + ".sum", {TRY(import.emit("exp", node.name() + ".exp", {rest}))}, last));
    return import.emit("sub", node.name(), {rest, TRY(import.emit("log", node.name() + ".log", {sum}))});
  });
}

// 1 at the first largest element, 0 elsewhere.
Outputs convert_Hardmax(Import& import, const OnnxNode& node) {
  return along_axis(import, node, [&](Value* x) -> Result<Value*> {
    const auto last = static_cast<int64_t>(x->shape().size()) - 1;
    Value* place = TRY(import.emit("arg_max", node.name() + ".place", {x}, {{"axis", last}}));
    place = TRY(without_axes(import, node.name(), place, {last}));
    Value* off_on = import.constant(node.name() + ".off_on", tensor_f32({2}, {0, 1}));
    return import.emit("one_hot", node.name(), {place, off_on}, {{"axis", last}, {"depth", x->shape().back()}});
  });
}

}  // namespace espalier::read::onnx
