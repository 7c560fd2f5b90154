// Our operators as ONNX's on reals; those that only move elements also on integers.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <unordered_map>

#include "numerics/quantize.h"
#include "write/onnx/writer.h"

namespace espalier::write::onnx {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

Attributes window_of(const Node& node) {
  Attributes attributes;
  for (const auto& [ours, theirs] : {std::pair{"strides", "strides"}, {"padding", "pads"}, {"dilations", "dilations"}})
    if (node.has(ours)) attributes[theirs] = node.attributes.at(ours);
  if (node.has("kernel")) attributes["kernel_shape"] = node.attributes.at("kernel");
  return attributes;
}

Status write_conv2d(Op& op) {
  Attributes attributes = window_of(op.node());
  const Shape& w = op.node().inputs[1]->shape();
  attributes["kernel_shape"] = std::vector<int64_t>{w[1], w[2]};
  if (op.node().has("groups")) attributes["group"] = op.node().integer("groups");
  std::vector<std::string> inputs = {op.in(0, Layout::nchw), op.real_weights(Layout::nchw)};
  if (op.node().input(2) != nullptr) inputs.push_back(op.real_bias());
  return op.done(op.made("Conv", inputs, attributes), Layout::nchw);
}

// A matrix of two dimensions is a Gemm; more dimensions need MatMul and Add.
Status write_linear(Op& op) {
  const bool has_bias = op.node().input(2) != nullptr;
  if (op.rank() == 2) {
    std::vector<std::string> inputs = {op.in(0, Layout::plain), op.real_weights(Layout::plain)};
    if (has_bias) inputs.push_back(op.real_bias());
    return op.done(op.made("Gemm", inputs, {{"transB", int64_t{1}}}), Layout::plain);
  }
  const std::string columns =
      op.helper("Transpose", {op.real_weights(Layout::plain)}, {{"perm", std::vector<int64_t>{1, 0}}});
  std::string y = op.made("MatMul", {op.in(0, Layout::plain), columns});
  if (has_bias) y = op.made("Add", {y, op.real_bias()});
  return op.done(y, Layout::plain);
}

Status write_max_pool(Op& op) {
  return op.done(op.made("MaxPool", {op.in(0, Layout::nchw)}, window_of(op.node())), Layout::nchw);
}

Status write_average_pool(Op& op) {
  Attributes attributes = window_of(op.node());
  if (attributes.erase("dilations") != 0 && op.node().integers("dilations") != std::vector<int64_t>{1, 1})
    return error("an average pool with dilations needs opset 19, and {} is written", kOpset);
  if (op.node().integer("count_padding") != 0) attributes["count_include_pad"] = int64_t{1};
  return op.done(op.made("AveragePool", {op.in(0, Layout::nchw)}, attributes), Layout::nchw);
}

Status write_reduce_mean(Op& op) {
  const std::vector<int64_t> axes = op.node().integers("axes");
  if (op.rank() == 4 && axes == std::vector<int64_t>{1, 2})
    return op.done(op.made("GlobalAveragePool", {op.in(0, Layout::nchw)}), Layout::nchw);
  return op.done(op.made("ReduceMean", {op.in(0, Layout::plain)}, {{"axes", axes}}), Layout::plain);
}

Status write_reduce_sum(Op& op) {
  const std::string axes = op.constant("axes", op.node().integers("axes"));
  return op.done(op.made("ReduceSum", {op.in(0, Layout::plain), axes}), Layout::plain);
}

Status write_reduction(Op& op, const std::string& name) {
  return op.done(op.made(name, {op.in(0, Layout::plain)}, {{"axes", op.node().integers("axes")}}), Layout::plain);
}

Status write_reduce_max(Op& op) { return write_reduction(op, "ReduceMax"); }
Status write_reduce_min(Op& op) { return write_reduction(op, "ReduceMin"); }
Status write_reduce_prod(Op& op) { return write_reduction(op, "ReduceProd"); }

Status write_matmul(Op& op) {
  return op.done(op.made("MatMul", {op.in(0, Layout::plain), op.in(1, Layout::plain)}), Layout::plain);
}

// ONNX has no norm without a scale.
Status write_layer_norm(Op& op) {
  const auto parameter = [&](size_t i) { return op.writer().tensor(*op.node().inputs[i], Kind::real, Layout::plain); };
  Tensor ones(DataType::f32, {op.node().inputs[0]->shape().back()});
  std::fill_n(ones.mutable_data<float>(), ones.count(), 1.0f);
  std::vector<std::string> inputs = {op.in(0, Layout::plain),
                                     op.node().input(1) == nullptr ? op.constant("ones", ones) : parameter(1)};
  if (op.node().input(2) != nullptr) inputs.push_back(parameter(2));
  return op.done(op.made("LayerNormalization", inputs, {{"epsilon", op.node().real("epsilon", 1e-5f)}}), Layout::plain);
}

Status write_softmax(Op& op) {
  return op.done(op.made("Softmax", {op.in(0, Layout::plain)}, {{"axis", int64_t{-1}}}), Layout::plain);
}

// ---- functions of one element ----

Status write_unary(Op& op, const std::string& name, const Attributes& attributes = {}) {
  const Layout layout = op.layout_at_hand();
  return op.done(op.made(name, {op.in(0, layout)}, attributes), layout);
}

Status write_clip(Op& op) {
  const Layout layout = op.layout_at_hand();
  return op.done(op.made("Clip", {op.in(0, layout), op.constant("min", op.node().real("clip_min", -kInfinity)),
                                  op.constant("max", op.node().real("clip_max", kInfinity))}),
                 layout);
}

Status write_leaky_relu(Op& op) { return write_unary(op, "LeakyRelu", {{"alpha", op.node().real("alpha", 0.01f)}}); }
Status write_elu(Op& op) { return write_unary(op, "Elu", {{"alpha", op.node().real("alpha", 1.0f)}}); }
Status write_celu(Op& op) { return write_unary(op, "Celu", {{"alpha", op.node().real("alpha", 1.0f)}}); }
Status write_thresholded_relu(Op& op) {
  return write_unary(op, "ThresholdedRelu", {{"alpha", op.node().real("alpha", 1.0f)}});
}
Status write_selu(Op& op) {
  return write_unary(
      op, "Selu", {{"alpha", op.node().real("alpha", 1.67326319f)}, {"gamma", op.node().real("gamma", 1.05070102f)}});
}
Status write_shrink(Op& op) {
  return write_unary(op, "Shrink", {{"lambd", op.node().real("lambda", 0.5f)}, {"bias", op.node().real("bias", 0.0f)}});
}
Status write_hard_sigmoid(Op& op) {
  return write_unary(op, "HardSigmoid",
                     {{"alpha", op.node().real("alpha", 0.2f)}, {"beta", op.node().real("beta", 0.5f)}});
}

Status write_silu(Op& op) {
  const Layout layout = op.layout_at_hand();
  const std::string x = op.in(0, layout);
  return op.done(op.made("Mul", {x, op.helper("Sigmoid", {x})}), layout);
}

// x * (1 + erf(x / sqrt 2)) / 2, or x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) / 2
Status write_gelu(Op& op) {
  const Layout layout = op.layout_at_hand();
  const std::string x = op.in(0, layout);
  std::string inner;
  if (op.node().text("approximate", "none") == "tanh") {
    const std::string cube = op.helper("Mul", {x, op.helper("Mul", {x, x})});
    const std::string sum = op.helper("Add", {x, op.helper("Mul", {cube, op.constant("cubic", 0.044715f)})});
    inner = op.helper("Tanh", {op.helper("Mul", {sum, op.constant("sqrt2_pi", 0.797884561f)})});
  } else {
    inner = op.helper("Erf", {op.helper("Div", {x, op.constant("sqrt2", std::sqrt(2.0f))})});
  }
  const std::string product = op.helper("Mul", {x, op.helper("Add", {inner, op.constant("one", 1.0f)})});
  return op.done(op.made("Mul", {product, op.constant("half", 0.5f)}), layout);
}

Status write_mish(Op& op) {
  const Layout layout = op.layout_at_hand();
  const std::string x = op.in(0, layout);
  return op.done(op.made("Mul", {x, op.helper("Tanh", {op.helper("Softplus", {x})})}), layout);
}

Status write_pair(Op& op, const std::string& name) {
  const Layout layout = op.layout_at_hand();
  const std::string a = op.in_broadcast(0, layout);
  return op.done(op.made(name, {a, op.in_broadcast(1, layout)}), layout);
}

// "alpha=0.1,approximate=tanh" as attributes.
Attributes parameters_of(const std::string& text) {
  Attributes attributes;
  for (size_t at = 0; at < text.size();) {
    const size_t equals = text.find('=', at);
    if (equals == std::string::npos) break;
    const size_t end = std::min(text.find(',', equals), text.size());
    const std::string value = text.substr(equals + 1, end - equals - 1);
    char* rest = nullptr;
    const float number = std::strtof(value.c_str(), &rest);
    attributes[text.substr(at, equals - at)] = *rest == '\0' ? Attribute(number) : Attribute(value);
    at = end + 1;
  }
  return attributes;
}

// The function that the table was made from; where that is unknown, it has no form on reals.
Status write_table(Op& op) {
  const std::string function = op.node().text("function");
  if (function == "rescale") {
    const Layout layout = op.layout_at_hand();
    return op.done(op.in(0, layout), layout);
  }
  const WriteOperator write = function == "table" ? nullptr : find_real_operator(function);
  if (write == nullptr) return error("it is a table of \"{}\", which has no form on reals in ONNX", function);
  const Node node{.op = function,
                  .name = op.node().name,
                  .inputs = {op.node().inputs[0]},
                  .outputs = op.node().outputs,
                  .attributes = parameters_of(op.node().text("parameters"))};
  Op unary(op.writer(), node, op.kind());
  return write(unary);
}

// ---- elements that move ----

Status write_reshape(Op& op) {
  const std::string shape = op.constant("shape", op.node().output()->shape());
  return op.done(op.made("Reshape", {op.in(0, Layout::plain), shape}), Layout::plain);
}

Status write_transpose(Op& op) {
  return op.done(op.made("Transpose", {op.in(0, Layout::plain)}, {{"perm", op.node().integers("permutation")}}),
                 Layout::plain);
}

Status write_concat(Op& op) {
  const Layout layout = op.layout_at_hand();
  std::vector<std::string> inputs;
  for (size_t i = 0; i < op.node().inputs.size(); ++i) inputs.push_back(op.in(i, layout));
  return op.done(op.made("Concat", inputs, {{"axis", op.axis_in(op.node().integer("axis"), layout)}}), layout);
}

Status write_slice(Op& op) {
  const Layout layout = op.layout_at_hand();
  std::vector<int64_t> end = op.node().integers("end");
  std::vector<int64_t> axes;
  for (size_t d = 0; d < end.size(); ++d) {
    axes.push_back(static_cast<int64_t>(d));
    // ONNX counts -1 from the end; one before element 0 is any number below the extent.
    if (end[d] < 0) end[d] = std::numeric_limits<int32_t>::min();
  }
  const auto list = [&](const char* what, const std::vector<int64_t>& numbers) {
    return op.constant(what, op.in_order(numbers, layout));
  };
  const std::string x = op.in(0, layout);
  return op.done(op.made("Slice", {x, list("begin", op.node().integers("begin")), list("end", end),
                                   op.constant("axes", axes), list("step", op.node().integers("step"))}),
                 layout);
}

Status write_pad(Op& op) {
  const Layout layout = op.layout_at_hand();
  std::vector<int64_t> pads = op.in_order(op.node().integers("before"), layout);
  const std::vector<int64_t> after = op.in_order(op.node().integers("after"), layout);
  pads.insert(pads.end(), after.begin(), after.end());
  const float value = op.node().real("value");
  const Value& x = *op.node().inputs[0];
  Tensor integer(DataType::u8, {});
  if (op.kind() == Kind::quantized)
    *integer.mutable_data<uint8_t>() = static_cast<uint8_t>(quantize_s8(value, x.scale(), x.zero_point()) + 128);
  const std::string padding =
      op.kind() == Kind::quantized ? op.constant("value", integer) : op.constant("value", value);
  return op.done(op.made("Pad", {op.in(0, layout), op.constant("pads", pads), padding}), layout);
}

Status write_gather(Op& op) {
  return op.done(
      op.made("Gather", {op.in(0, Layout::plain), op.writer().tensor(*op.node().inputs[1], Kind::real, Layout::plain)},
              {{"axis", op.node().integer("axis")}}),
      Layout::plain);
}

Status write_space_to_depth(Op& op) {
  return op.done(op.made("SpaceToDepth", {op.in(0, Layout::nchw)}, {{"blocksize", op.node().integer("block")}}),
                 Layout::nchw);
}

Status write_depth_to_space(Op& op) {
  const bool pixels_first = op.node().text("order", "pixels_first") == "pixels_first";
  return op.done(
      op.made("DepthToSpace", {op.in(0, Layout::nchw)},
              {{"blocksize", op.node().integer("block")}, {"mode", std::string(pixels_first ? "DCR" : "CRD")}}),
      Layout::nchw);
}

Status write_tile(Op& op) {
  return op.done(op.made("Tile", {op.in(0, Layout::plain), op.constant("repeats", op.node().integers("repeats"))}),
                 Layout::plain);
}

Status write_expand(Op& op) {
  const std::string shape = op.constant("shape", op.node().output()->shape());
  return op.done(op.made("Expand", {op.in(0, Layout::plain), shape}), Layout::plain);
}

// By scales where they give the size, else by the size.
Status write_resize(Op& op) {
  const Node& node = op.node();
  const Shape& x = node.inputs[0]->shape();
  const std::vector<int64_t> size = node.integers("size");
  const auto& scales = std::get<std::vector<float>>(node.attributes.at("scales"));
  bool by_scales = true;
  for (size_t d = 0; d < 2; ++d)
    by_scales &= static_cast<int64_t>(std::floor(static_cast<float>(x[d + 1]) * scales[d])) == size[d];
  Attributes attributes = {{"mode", node.text("mode")}, {"coordinate_transformation_mode", node.text("coordinates")}};
  if (node.text("mode") == "nearest") attributes["nearest_mode"] = node.text("rounding", "round_prefer_floor");
  std::vector<std::string> inputs = {op.in(0, Layout::nchw), ""};
  if (by_scales) {
    inputs.push_back(op.constant("scales", tensor_f32({4}, {1, 1, scales[0], scales[1]})));
  } else {
    inputs.push_back("");
    inputs.push_back(op.constant("sizes", {x[0], x[3], size[0], size[1]}));
  }
  return op.done(op.made("Resize", inputs, attributes), Layout::nchw);
}

// Numbers of the schema (TensorProto.DataType).
Status write_cast(Op& op) {
  static const std::unordered_map<std::string, int64_t> types = {{"f32", 1}, {"u8", 2},  {"s8", 3},   {"s16", 5},
                                                                 {"s32", 6}, {"s64", 7}, {"bool", 9}, {"f16", 10}};
  return write_unary(op, "Cast", {{"to", types.at(op.node().text("to"))}});
}

// Ours to ONNX's, without attributes.
const std::unordered_map<std::string, std::string>& unary_names() {
  static const std::unordered_map<std::string, std::string> names = {{"relu", "Relu"},
                                                                     {"sigmoid", "Sigmoid"},
                                                                     {"hard_swish", "HardSwish"},
                                                                     {"tanh", "Tanh"},
                                                                     {"softplus", "Softplus"},
                                                                     {"neg", "Neg"},
                                                                     {"abs", "Abs"},
                                                                     {"exp", "Exp"},
                                                                     {"log", "Log"},
                                                                     {"sqrt", "Sqrt"},
                                                                     {"erf", "Erf"},
                                                                     {"sin", "Sin"},
                                                                     {"cos", "Cos"},
                                                                     {"floor", "Floor"},
                                                                     {"ceil", "Ceil"},
                                                                     {"reciprocal", "Reciprocal"},
                                                                     {"round", "Round"},
                                                                     {"sign", "Sign"},
                                                                     {"softsign", "Softsign"}};
  return names;
}

const std::unordered_map<std::string, std::string>& pair_names() {
  static const std::unordered_map<std::string, std::string> names = {{"add", "Add"}, {"sub", "Sub"},    {"mul", "Mul"},
                                                                     {"div", "Div"}, {"max", "Max"},    {"min", "Min"},
                                                                     {"pow", "Pow"}, {"prelu", "PRelu"}};
  return names;
}

Status named_unary(Op& op) { return write_unary(op, unary_names().at(op.node().op)); }
Status named_pair(Op& op) { return write_pair(op, pair_names().at(op.node().op)); }

}  // namespace

WriteOperator find_real_operator(const std::string& op) {
  static const std::unordered_map<std::string, WriteOperator> writers = {
#define REAL_OPERATOR(name) {#name, write_##name},
#include "write/onnx/real_operators.inc"
#undef REAL_OPERATOR
  };
  if (unary_names().contains(op)) return named_unary;
  if (pair_names().contains(op)) return named_pair;
  const auto found = writers.find(op);
  return found == writers.end() ? nullptr : found->second;
}

bool moves_elements(const Node& node) {
  static const std::set<std::string> movers = {"max_pool", "reshape",        "transpose",      "slice", "pad",
                                               "gather",   "space_to_depth", "depth_to_space", "expand"};
  return movers.contains(node.op) || (node.op == "resize" && node.text("mode") == "nearest");
}

}  // namespace espalier::write::onnx
