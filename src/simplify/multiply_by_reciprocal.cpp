// multiply_by_reciprocal: x / c with a constant c becomes x * (1 / c), which has a meaning in integers and joins the
// layer before it. The reciprocal is rounded once; powers of two have an exact one. 1 / x becomes reciprocal(x).
#include <cmath>

#include "graph/match.h"
#include "simplify/passes.h"

namespace espalier::simplify {
namespace {

// 1 / c for every element; nothing where one of them has no normal reciprocal.
std::optional<Tensor> reciprocals(const Value& value) {
  if (!value.is_constant() || value.type.type != DataType::f32) return std::nullopt;
  Tensor result(DataType::f32, value.shape());
  for (int64_t i = 0; i < result.count(); ++i) {
    const float reciprocal = 1.0f / value.constant.data<float>()[i];
    if (!std::isnormal(reciprocal)) return std::nullopt;
    result.mutable_data<float>()[i] = reciprocal;
  }
  return result;
}

bool is_reciprocal(const Node& node) {
  return scalar_of(node.inputs[0]) == 1.0f && node.output()->type == node.inputs[1]->type;
}

Value* without_division(Graph& graph, const Node& node) {
  if (is_reciprocal(node)) return graph.add_node("reciprocal", node.name, {node.inputs[1]}, {}, node.output()->type);
  const std::optional<Tensor> factors = reciprocals(*node.inputs[1]);
  if (!factors) return nullptr;
  Value* constant = graph.add_constant(node.inputs[1]->name + ".reciprocal", *factors);
  return graph.add_node("mul", node.name, {node.inputs[0], constant}, {}, node.output()->type);
}

}  // namespace

int multiply_by_reciprocal(Graph& graph) {
  int count = 0;
  for (Node* node : graph.nodes()) {
    if (node->op != "div") continue;
    Value* value = without_division(graph, *node);
    if (value == nullptr) continue;
    graph.replace(node, value);
    ++count;
  }
  return count;
}

}  // namespace espalier::simplify
