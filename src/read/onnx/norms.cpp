// Normalisations: over the last dimensions (LayerNormalization), per channel (InstanceNormalization), per group of
// channels (GroupNormalization), by a norm (LpNormalization), across channels (LRN).
#include <numeric>

#include "ops/shapes.h"
#include "read/onnx/import.h"

namespace espalier::read::onnx {
namespace {

Result<Value*> reshaped(Import& import, const std::string& name, Value* x, const Shape& shape) {
  return import.emit("reshape", name, {x}, {{"shape", shape}});
}

// x to mean 0 and deviation 1 over rows of `row` neighbouring elements.
Result<Value*> normalized_rows(Import& import, const std::string& name, Value* x, int64_t row, float epsilon) {
  const int64_t count = element_count(x->shape());
  if (row < 1 || count % row != 0) return error("{} elements are no rows of {}", count, row);
  Value* rows = TRY(reshaped(import, name + ".rows", x, {count / row, row}));
  Value* y = TRY(import.emit("layer_norm", name, {rows}, {{"epsilon", epsilon}}));
  return reshaped(import, name + ".shaped", y, x->shape());
}

// A vector with one element per channel, to broadcast over [N, C, ...].
Result<Value*> per_channel(Import& import, Value* vector, const Shape& shape) {
  if (vector->shape() != Shape{shape[1]})
    return error("\"{}\" is {}, the input has {} channels", vector->name, to_string(vector->type), shape[1]);
  Shape wide(shape.size(), 1);
  wide[1] = shape[1];
  return reshaped(import, vector->name + ".per_channel", vector, wide);
}

Result<Value*> scaled_and_shifted(Import& import, const std::string& name, Value* x, Value* scale, Value* bias) {
  x = TRY(import.emit("mul", name + ".scaled", {x, scale}));
  return import.emit("add", name + ".shifted", {x, bias});
}

// The mean and 1 / deviation over the dimensions from `axis` on, which LayerNormalization may put out beside its
// result.
Status add_moments(Import& import, const OnnxNode& node, Value* x, size_t axis, float epsilon,
                   std::vector<Value*>& outputs) {
  std::vector<int64_t> axes;
  for (size_t d = axis; d < x->shape().size(); ++d) axes.push_back(static_cast<int64_t>(d));
  const auto mean_of = [&](const char* what, Value* value) {
    return import.emit("reduce_mean", fmt::format("{}.{}", node.name(), what), {value}, {{"axes", axes}});
  };
  Value* mean = TRY(mean_of("mean", x));
  Value* difference = TRY(import.emit("sub", node.name() + ".difference", {x, mean}));
  Value* square = TRY(import.emit("mul", node.name() + ".square", {difference, difference}));
  Value* constant = import.constant(node.name() + ".epsilon", tensor_f32({}, {epsilon}));
  Value* variance = TRY(import.emit("add", node.name() + ".stable", {TRY(mean_of("variance", square)), constant}));
  Value* deviation = TRY(import.emit("sqrt", node.name() + ".deviation", {variance}));
  outputs.push_back(mean);
  outputs.push_back(TRY(import.emit("reciprocal", node.name() + ".inverse", {deviation})));
  return {};
}

}  // namespace

Outputs convert_LayerNormalization(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  Value* scale = TRY(node.required(1));
  const size_t rank = x->shape().size();
  const auto axis = static_cast<size_t>(TRY(ops::normalize_axis(TRY(node.integer("axis", -1)), rank)));
  Shape shape(x->shape().begin(), x->shape().begin() + static_cast<std::ptrdiff_t>(axis));
  const Shape normalized(x->shape().begin() + static_cast<std::ptrdiff_t>(axis), x->shape().end());
  const int64_t row = element_count(normalized);
  shape.push_back(row);
  std::vector<Value*> inputs = {axis + 1 == rank ? x : TRY(reshaped(import, node.name() + ".rows", x, shape))};
  for (Value* parameter : {scale, node.input(2)}) {
    if (parameter == nullptr) continue;
    // The kernel takes one element per element of a row; a scalar stands for all of them.
    if (parameter->shape() != normalized)
      parameter = TRY(import.emit("expand", parameter->name + ".expanded", {parameter}, {{"shape", normalized}}));
    inputs.push_back(TRY(reshaped(import, parameter->name + ".row", parameter, {row})));
  }
  const float epsilon = TRY(node.real("epsilon", 1e-5f));
  Value* y = TRY(import.emit("layer_norm", node.name(), inputs, {{"epsilon", epsilon}}));
  std::vector<Value*> outputs = {axis + 1 == rank ? y : TRY(reshaped(import, node.name() + ".shaped", y, x->shape()))};
  if (node.output_count() > 1) TRY_STATUS(add_moments(import, node, x, axis, epsilon, outputs));
  return outputs;
}

Outputs convert_InstanceNormalization(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  const Shape shape = x->shape();
  if (shape.size() < 3) return error("the input has {} dimensions, at least 3 are needed", shape.size());
  const int64_t pixels = std::accumulate(shape.begin() + 2, shape.end(), int64_t{1}, std::multiplies<>());
  Value* y = TRY(normalized_rows(import, node.name(), x, pixels, TRY(node.real("epsilon", 1e-5f))));
  Value* scale = TRY(per_channel(import, TRY(node.required(1)), shape));
  Value* bias = TRY(per_channel(import, TRY(node.required(2)), shape));
  return std::vector<Value*>{TRY(scaled_and_shifted(import, node.name(), y, scale, bias))};
}

// Scale and bias are per group in opset 18 and per channel from opset 21 on.
Outputs convert_GroupNormalization(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  const Shape shape = x->shape();
  const int64_t groups = TRY(node.integer("num_groups", 0));
  if (shape.size() < 3) return error("the input has {} dimensions, at least 3 are needed", shape.size());
  if (groups < 1 || shape[1] % groups != 0) return error("{} channels do not split into {} groups", shape[1], groups);
  const int64_t pixels = std::accumulate(shape.begin() + 2, shape.end(), int64_t{1}, std::multiplies<>());
  Value* y = TRY(normalized_rows(import, node.name(), x, shape[1] / groups * pixels, TRY(node.real("epsilon", 1e-5f))));
  std::vector<Value*> parameters = {TRY(node.required(1)), TRY(node.required(2))};
  for (Value*& parameter : parameters) {
    if (import.opset() < 21) {
      if (parameter->shape() != Shape{groups})
        return error("\"{}\" is {}, there are {} groups", parameter->name, to_string(parameter->type), groups);
      parameter = TRY(reshaped(import, parameter->name + ".column", parameter, {groups, 1}));
      parameter = TRY(import.emit("expand", parameter->name + ".repeated", {parameter},
                                  {{"shape", Shape{groups, shape[1] / groups}}}));
      parameter = TRY(reshaped(import, parameter->name + ".row", parameter, {shape[1]}));
    }
    parameter = TRY(per_channel(import, parameter, shape));
  }
  return std::vector<Value*>{TRY(scaled_and_shifted(import, node.name(), y, parameters[0], parameters[1]))};
}

// (x - mean) / sqrt(variance), over batch and pixels unless other axes are named, with ONNX's own epsilon of 1e-9 added
// to the deviation.
Outputs convert_MeanVarianceNormalization(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  std::vector<int64_t> axes = TRY(node.integers("axes", {0, 2, 3}));
  for (int64_t& axis : axes) axis = TRY(ops::normalize_axis(axis, x->shape().size()));
  const auto mean = [&](const char* what, Value* value) {
    return import.emit("reduce_mean", fmt::format("{}.{}", node.name(), what), {value}, {{"axes", axes}});
  };
  Value* difference = TRY(import.emit("sub", node.name() + ".difference", {x, TRY(mean("mean", x))}));
  Value* square = TRY(import.emit("mul", node.name() + ".square", {difference, difference}));
  Value* deviation = TRY(import.emit("sqrt", node.name() + ".deviation", {TRY(mean("variance", square))}));
  Value* epsilon = import.constant(node.name() + ".epsilon", tensor_f32({}, {1e-9f}));
  Value* divisor = TRY(import.emit("add", node.name() + ".divisor", {deviation, epsilon}));
  return std::vector<Value*>{TRY(import.emit("div", node.name(), {difference, divisor}))};
}

// x / norm, where the norm is that of the axis. A row of zeros stays one: it is divided by 1.
Outputs convert_LpNormalization(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  const int64_t p = TRY(node.integer("p", 2));
  if (p != 1 && p != 2) return error("p is {}; 1 and 2 are supported", p);
  const int64_t axis = TRY(ops::normalize_axis(TRY(node.integer("axis", -1)), x->shape().size()));
  Value* terms = p == 1 ? TRY(import.emit("abs", node.name() + ".abs", {x}))
                        : TRY(import.emit("mul", node.name() + ".square", {x, x}));
  Value* norm = TRY(import.emit("reduce_sum", node.name() + ".sum", {terms}, {{"axes", std::vector<int64_t>{axis}}}));
  if (p == 2) norm = TRY(import.emit("sqrt", node.name() + ".norm", {norm}));
  const auto scalar = [&](const char* what, float value) {
    return import.constant(fmt::format("{}.{}", node.name(), what), tensor_f32({}, {value}));
  };
  Value* is_zero = TRY(import.emit("equal", node.name() + ".is_zero", {norm, scalar("zero", 0)}));
  Value* divisor = TRY(import.emit("where", node.name() + ".divisor", {is_zero, scalar("one", 1), norm}));
  return std::vector<Value*>{TRY(import.emit("div", node.name(), {x, divisor}))};
}

// x / (bias + alpha / size * sum of squares of `size` neighbouring channels)^beta. The sum is an average pool over the
// channels, which a transpose makes the rows of a map.
Outputs convert_LRN(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  const int64_t size = TRY(node.integer("size", 0));
  const float alpha = TRY(node.real("alpha", 1e-4f));
  const float beta = TRY(node.real("beta", 0.75f));
  const float bias = TRY(node.real("bias", 1.0f));
  const Shape shape = x->shape();
  if (size < 1 || shape.size() < 2 || size > (int64_t{1} << 20))
    return error("a window of {} channels over {} is not possible", size, to_string(shape));
  const auto scalar = [&](const char* what, float value) {
    return import.constant(fmt::format("{}.{}", node.name(), what), tensor_f32({}, {value}));
  };
  // Channels stand in the rows, everything behind them is one column each.
  const int64_t pixels = element_count(shape) / (shape[0] * shape[1]);
  Value* square = TRY(import.emit("mul", node.name() + ".square", {x, x}));
  Value* map = TRY(reshaped(import, node.name() + ".map", square, {shape[0], shape[1], pixels, 1}));
  Value* mean = TRY(import.emit("average_pool", node.name() + ".mean", {map},
                                {{"kernel", std::vector<int64_t>{size, 1}},
                                 {"padding", std::vector<int64_t>{(size - 1) / 2, 0, size / 2, 0}},
                                 {"count_padding", int64_t{1}}}));
  Value* sum = TRY(reshaped(import, node.name() + ".neighbours", mean, shape));
  Value* base = TRY(import.emit("mul", node.name() + ".scaled", {sum, scalar("alpha", alpha)}));
  base = TRY(import.emit("add", node.name() + ".base", {base, scalar("bias", bias)}));
  Value* divisor = TRY(import.emit("pow", node.name() + ".divisor", {base, scalar("beta", beta)}));
  return std::vector<Value*>{TRY(import.emit("div", node.name(), {x, divisor}))};
}

}  // namespace espalier::read::onnx
