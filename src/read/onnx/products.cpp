// Conv, Gemm, MatMul, BatchNormalization.
#include <algorithm>
#include <cmath>

#include "graph/stored_constant.h"
#include "read/onnx/import.h"
#include "read/onnx/windows.h"

namespace espalier::read::onnx {
namespace {

// [a, b] -> [b, a]
Result<Value*> transposed(Import& import, Value* value) {
  return import.emit("transpose", value->name + ".transposed", {value}, {{"permutation", std::vector<int64_t>{1, 0}}});
}

// A float constant of `count` elements or one element, as a vector of `count`; nothing for other values.
std::optional<Tensor> bias_vector(const Value* value, int64_t count) {
  if (value == nullptr || !value->is_constant() || value->type.type != DataType::f32) return std::nullopt;
  const Tensor& stored = value->constant;
  if (stored.count() != count && stored.count() != 1) return std::nullopt;
  // All dimensions but the last must be 1, or broadcasting would differ per row.
  for (size_t d = 0; d + 1 < stored.shape().size(); ++d)
    if (stored.shape()[d] != 1) return std::nullopt;
  Tensor bias(DataType::f32, {count});
  float* out = bias.mutable_data<float>();
  for (int64_t i = 0; i < count; ++i) out[i] = stored.data<float>()[stored.count() == 1 ? 0 : i];
  return bias;
}

// factor * value. A positive factor joins the scale of a constant that is stored as integers, which stay, unless the
// product leaves the range of scales.
Result<Value*> scaled(Import& import, const std::string& name, Value* value, float factor) {
  if (value->is_stored_as_integers() && factor > 0) {
    Quantization quantization = *value->quantization;
    for (float& scale : quantization.scales) scale *= factor;
    if (std::all_of(quantization.scales.begin(), quantization.scales.end(), [](float s) { return std::isnormal(s); }))
      return add_stored_constant(import.graph(), name, value->integers, quantization);
  }
  return import.emit("mul", name, {value, import.constant(name, tensor_f32({}, {factor}))});
}

// [a, b, c] -> [a, b, 1, c]
Result<Value*> with_row(Import& import, Value* value) {
  const Shape& shape = value->shape();
  return import.emit("reshape", value->name + ".map", {value}, {{"shape", Shape{shape[0], shape[1], 1, shape[2]}}});
}

}  // namespace

// A 1-d convolution is one of a map with a single row.
Outputs convert_Conv(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  Value* w = TRY(node.required(1));
  const bool is_row = w->shape().size() == 3 && x->shape().size() == 3;
  if (is_row) {
    x = TRY(with_row(import, x));
    w = TRY(with_row(import, w));
  }
  if (w->shape().size() != 4)
    return error("the weights have {} dimensions; only 1-d and 2-d convolutions (3 and 4 dimensions) are supported",
                 w->shape().size());
  std::vector<int64_t> kernel = {w->shape()[2], w->shape()[3]};
  if (node.has("kernel_shape")) kernel = kernel_with_row(node, TRY(node.integers("kernel_shape")));
  if (kernel != std::vector<int64_t>{w->shape()[2], w->shape()[3]})
    return error("kernel_shape is {}x{}, the weights are {}", kernel.empty() ? 0 : kernel[0],
                 kernel.empty() ? 0 : kernel.back(), to_string(w->shape()));
  Attributes attributes = TRY(read_window(node, x->shape(), kernel));
  const int64_t groups = TRY(node.integer("group", 1));
  if (groups != 1) attributes["groups"] = groups;
  // OIHW -> OHWI is the same permutation as NCHW -> NHWC.
  std::vector<Value*> inputs = {TRY(import.to_nhwc(x)), TRY(import.to_nhwc(w))};
  if (node.input(2) != nullptr) inputs.push_back(node.input(2));
  Value* y = TRY(import.to_nchw(TRY(import.emit("conv2d", node.name(), inputs, attributes))));
  if (is_row) {
    const Shape shape = {y->shape()[0], y->shape()[1], y->shape()[3]};
    y = TRY(import.emit("reshape", node.name() + ".row", {y}, {{"shape", shape}}));
  }
  return std::vector<Value*>{y};
}

Outputs convert_Gemm(Import& import, const OnnxNode& node) {
  Value* a = TRY(node.required(0));
  Value* b = TRY(node.required(1));
  if (a->shape().size() != 2 || b->shape().size() != 2)
    return error("its inputs are {} and {}; both need 2 dimensions", to_string(a->shape()), to_string(b->shape()));
  if (TRY(node.integer("transA", 0)) != 0) a = TRY(transposed(import, a));
  // linear wants [outputs, inputs], which is Gemm's B transposed.
  if (TRY(node.integer("transB", 0)) == 0) b = TRY(transposed(import, b));
  const float alpha = TRY(node.real("alpha", 1.0f));
  const float beta = TRY(node.real("beta", 1.0f));
  if (alpha != 1.0f) b = TRY(scaled(import, node.name() + ".alpha", b, alpha));
  Value* c = node.input(2);
  if (c != nullptr && beta != 1.0f) c = TRY(scaled(import, node.name() + ".beta", c, beta));
  std::vector<Value*> inputs = {a, b};
  const std::optional<Tensor> bias = bias_vector(c, b->shape()[0]);
  // A vector stays the value that it is, with the integers that may be behind it.
  if (bias) inputs.push_back(bias->shape() == c->shape() ? c : import.constant(node.name() + ".bias", *bias));
  Value* y = TRY(import.emit("linear", node.name(), inputs));
  if (c != nullptr && !bias) y = TRY(import.emit("add", node.name() + ".c", {y, c}));
  return std::vector<Value*>{y};
}

// By numpy's rules: a vector on the left is a row, one on the right a column, and the result loses that dimension.
Outputs convert_MatMul(Import& import, const OnnxNode& node) {
  Value* a = TRY(node.required(0));
  Value* b = TRY(node.required(1));
  if (a->shape().empty() || b->shape().empty())
    return error("its inputs are {} and {}; both need a dimension", to_string(a->shape()), to_string(b->shape()));
  const bool is_row = a->shape().size() == 1;
  const bool is_column = b->shape().size() == 1;
  if (is_row) a = TRY(import.emit("reshape", node.name() + ".row", {a}, {{"shape", Shape{1, a->shape()[0]}}}));
  if (is_column) b = TRY(import.emit("reshape", node.name() + ".column", {b}, {{"shape", Shape{b->shape()[0], 1}}}));
  const bool has_weights = b->is_constant() && b->shape().size() == 2;
  Value* y = has_weights ? TRY(import.emit("linear", node.name(), {a, TRY(transposed(import, b))}))
                         : TRY(import.emit("matmul", node.name(), {a, b}));
  if (!is_row && !is_column) return std::vector<Value*>{y};
  Shape shape = y->shape();
  if (is_column) shape.pop_back();
  if (is_row) shape.erase(shape.end() - (is_column ? 1 : 2));
  return std::vector<Value*>{TRY(import.emit("reshape", node.name() + ".squeezed", {y}, {{"shape", shape}}))};
}

namespace {

// x * scale + offset for an input that is no map.
Outputs scaled_per_channel(Import& import, const OnnxNode& node, Value* x, Value* scale, Value* offset) {
  Shape shape(x->shape().size(), 1);
  shape[1] = x->shape()[1];
  const auto wide = [&](Value* vector) {
    return import.emit("reshape", vector->name + ".per_channel", {vector}, {{"shape", shape}});
  };
  Value* y = TRY(import.emit("mul", node.name() + ".scaled", {x, TRY(wide(scale))}));
  return std::vector<Value*>{TRY(import.emit("add", node.name(), {y, TRY(wide(offset))}))};
}

}  // namespace

// In inference it is one product and one sum per channel: scale = gamma / sqrt(variance + epsilon), offset = beta -
// mean * scale. A convolution of 1x1 per channel (depthwise) is exactly that, so it needs no operator of its own, and
// simplify/ folds it into a convolution before it.
Outputs convert_BatchNormalization(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  if (TRY(node.integer("training_mode", 0)) != 0)
    return error(
        "it was exported in training mode, where it normalises by each batch; export the network after model.eval()");
  const float epsilon = TRY(node.real("epsilon", 1e-5f));
  std::vector<std::vector<float>> parameters;
  constexpr const char* kNames[] = {"scale", "bias", "mean", "variance"};
  if (x->shape().size() < 2) return error("the input has {} dimensions, at least 2 are needed", x->shape().size());
  const int64_t channels = x->shape()[1];
  for (size_t i = 0; i < 4; ++i) {
    const auto values = TRY(node.constant_reals(i + 1, kNames[i]));
    if (!values || static_cast<int64_t>(values->size()) != channels)
      return error("its {} has {} values, the input has {} channels", kNames[i], values ? values->size() : 0, channels);
    parameters.push_back(*values);
  }
  Tensor weights(DataType::f32, {channels, 1, 1, 1});
  Tensor bias(DataType::f32, {channels});
  float* scale = weights.mutable_data<float>();
  float* offset = bias.mutable_data<float>();
  for (size_t c = 0; c < static_cast<size_t>(channels); ++c) {
    scale[c] = parameters[0][c] / std::sqrt(parameters[3][c] + epsilon);
    const float shift = parameters[2][c] * scale[c];
    offset[c] = parameters[1][c] - shift;
  }
  Value* w = import.constant(node.name() + ".scale", std::move(weights));
  Value* b = import.constant(node.name() + ".offset", std::move(bias));
  if (x->shape().size() != 4) return scaled_per_channel(import, node, x, w, b);
  Value* y = TRY(import.emit("conv2d", node.name(), {TRY(import.to_nhwc(x)), w, b}, {{"groups", channels}}));
  return std::vector<Value*>{TRY(import.to_nchw(y))};
}

}  // namespace espalier::read::onnx
