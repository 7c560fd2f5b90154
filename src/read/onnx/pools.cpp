// MaxPool, AveragePool, LpPool and their global forms.
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

namespace {

// `op` over all dimensions behind batch and channels. Only maps of 4 dimensions have a layout of ours.
Outputs global_pool(Import& import, const OnnxNode& node, const char* op) {
  Value* x = TRY(node.required(0));
  const size_t rank = x->shape().size();
  if (rank < 3) return error("the input has {} dimensions; batch, channels and at least one more are needed", rank);
  if (rank == 4) {
    Value* y = TRY(import.emit(op, node.name(), {TRY(import.to_nhwc(x))}, {{"axes", std::vector<int64_t>{1, 2}}}));
    return std::vector<Value*>{TRY(import.to_nchw(y))};
  }
  std::vector<int64_t> axes;
  for (size_t d = 2; d < rank; ++d) axes.push_back(static_cast<int64_t>(d));
  return std::vector<Value*>{TRY(import.emit(op, node.name(), {x}, {{"axes", axes}}))};
}

}  // namespace

Outputs convert_GlobalAveragePool(Import& import, const OnnxNode& node) {
  return global_pool(import, node, "reduce_mean");
}

Outputs convert_GlobalMaxPool(Import& import, const OnnxNode& node) { return global_pool(import, node, "reduce_max"); }

namespace {

// (sum of |x|^p over windows)^(1/p), where `sum_of` makes the sum over the windows of a map.
template <class SumOf>
Outputs power_pool(Import& import, const OnnxNode& node, SumOf sum_of) {
  const int64_t p = TRY(node.integer("p", 2));
  if (p < 1 || p > 64) return error("p is {}; 1 to 64 are supported", p);
  const auto scalar = [&](const char* what, float value) {
    return import.constant(fmt::format("{}.{}", node.name(), what), tensor_f32({}, {value}));
  };
  Value* x = TRY(import.emit("abs", node.name() + ".abs", {TRY(import.to_nhwc(TRY(node.required(0))))}));
  if (p == 2) x = TRY(import.emit("mul", node.name() + ".square", {x, x}));
  if (p > 2) x = TRY(import.emit("pow", node.name() + ".power", {x, scalar("p", static_cast<float>(p))}));
  Value* sum = TRY(sum_of(x));
  if (p == 2) sum = TRY(import.emit("sqrt", node.name() + ".root", {sum}));
  if (p > 2) sum = TRY(import.emit("pow", node.name() + ".root", {sum, scalar("root", 1.0f / static_cast<float>(p))}));
  return std::vector<Value*>{TRY(import.to_nchw(sum))};
}

}  // namespace

// The average with the padding counted, times the taps, is the sum.
Outputs convert_LpPool(Import& import, const OnnxNode& node) {
  Attributes attributes = TRY(read_pool(node, TRY(node.required(0))->shape()));
  attributes["count_padding"] = int64_t{1};
  return power_pool(import, node, [&](Value* x) -> Result<Value*> {
    Value* mean = TRY(import.emit("average_pool", node.name(), {x}, attributes));
    float taps = 1;
    for (const int64_t side : TRY(node.integers("kernel_shape"))) taps *= static_cast<float>(side);
    return import.emit("mul", node.name() + ".sum",
                       {mean, import.constant(node.name() + ".taps", tensor_f32({}, {taps}))});
  });
}

Outputs convert_GlobalLpPool(Import& import, const OnnxNode& node) {
  return power_pool(import, node, [&](Value* x) {
    return import.emit("reduce_sum", node.name(), {x}, {{"axes", std::vector<int64_t>{1, 2}}});
  });
}

}  // namespace espalier::read::onnx
