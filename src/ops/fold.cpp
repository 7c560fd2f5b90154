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

// Where each dimension of the output comes from; nothing for a node that does not merely move whole dimensions.
std::optional<std::vector<int64_t>> dimensions_from(const Node& node) {
  if (node.op == "transpose") return node.integers("permutation");
  if (node.op == "reshape" && node.inputs[0]->quantization->per_tensor()) return std::vector<int64_t>();
  return std::nullopt;
}

// The integers behind a moved constant, moved in the same way.
void keep_integers(const Node& node, Value* folded) {
  const Value& x = *node.inputs[0];
  const std::optional<std::vector<int64_t>> from = dimensions_from(node);
  if (!from) return;
  Value input;
  input.type = {x.integers.type(), x.shape()};
  Value output;
  output.type = {x.integers.type(), node.output()->shape()};
  const Node mover{
      .op = node.op, .name = node.name, .inputs = {&input}, .outputs = {&output}, .attributes = node.attributes};
  folded->integers = evaluated(mover, {x.integers})[0];
  folded->quantization = x.quantization;
  if (!x.quantization->per_tensor())
    folded->quantization->axis = std::find(from->begin(), from->end(), x.quantization->axis) - from->begin();
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
