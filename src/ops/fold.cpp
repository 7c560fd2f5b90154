// Folding nodes of constants (ops/fold.h).
#include "ops/fold.h"

#include <algorithm>

#include "base/check.h"

namespace espalier::ops {
namespace {

std::vector<Tensor> evaluated(const Node& node, const std::vector<Tensor>& inputs) {
  Result<std::vector<Tensor>> outputs = evaluate(node, inputs);
  CHECK(outputs.ok(), "{}", outputs.error().message());
  return std::move(outputs).value();
}

// The dimension with the extent of dimension `axis` and as many elements behind it, of which it has as many in front.
std::optional<int64_t> axis_in(const Shape& from, int64_t axis, const Shape& to) {
  const auto count_behind = [](const Shape& shape, size_t d) {
    return element_count(Shape(shape.begin() + static_cast<std::ptrdiff_t>(d) + 1, shape.end()));
  };
  const auto d = static_cast<size_t>(axis);
  for (size_t i = 0; i < to.size(); ++i)
    if (to[i] == from[d] && count_behind(to, i) == count_behind(from, d)) return static_cast<int64_t>(i);
  return std::nullopt;
}

// How the output of a node that merely moves elements is quantized; nothing for another node, and where the elements of
// one scale are no longer one index of a dimension.
std::optional<Quantization> moved_quantization(const Node& node) {
  if (node.op != "transpose" && node.op != "reshape") return std::nullopt;
  Quantization quantization = *node.inputs[0]->quantization;
  if (quantization.per_tensor()) return quantization;
  if (node.op == "transpose") {
    const std::vector<int64_t> from = node.integers("permutation");
    quantization.axis = std::find(from.begin(), from.end(), quantization.axis) - from.begin();
    return quantization;
  }
  const std::optional<int64_t> axis = axis_in(node.inputs[0]->shape(), quantization.axis, node.output()->shape());
  if (!axis) return std::nullopt;
  quantization.axis = *axis;
  return quantization;
}

// The integers behind a moved constant, moved in the same way.
void keep_integers(const Node& node, Value* folded) {
  const Value& x = *node.inputs[0];
  const std::optional<Quantization> quantization = moved_quantization(node);
  if (!quantization) return;
  Value input;
  input.type = {x.integers.type(), x.shape()};
  Value output;
  output.type = {x.integers.type(), node.output()->shape()};
  const Node mover{
      .op = node.op, .name = node.name, .inputs = {&input}, .outputs = {&output}, .attributes = node.attributes};
  folded->integers = evaluated(mover, {x.integers})[0];
  folded->quantization = quantization;
}

}  // namespace

bool can_fold(const Node& node) {
  const bool constant = std::all_of(node.inputs.begin(), node.inputs.end(),
                                    [](const Value* value) { return value == nullptr || value->is_constant(); });
  return constant && find_meaning(node) != nullptr && is_cheap(node);
}

std::vector<Value*> fold(Graph& graph, const Node& node, const std::string& name) {
  std::vector<Tensor> inputs;
  for (const Value* input : node.inputs) inputs.push_back(input == nullptr ? Tensor() : input->constant);
  std::vector<Value*> folded;
  for (Tensor& result : evaluated(node, inputs)) {
    folded.push_back(graph.add_constant(name, std::move(result)));
    folded.back()->quantization = node.outputs[folded.size() - 1]->quantization;
  }
  if (node.op == "dequantize") {
    folded[0]->integers = node.inputs[0]->constant;
    folded[0]->quantization = node.inputs[0]->quantization;
  } else if (node.inputs[0]->is_stored_as_integers()) {
    keep_integers(node, folded[0]);
  }
  return folded;
}

}  // namespace espalier::ops
