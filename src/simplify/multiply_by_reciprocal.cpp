// multiply_by_reciprocal: x / c with a constant c becomes x * (1 / c), which has a meaning in integers and joins the
// layer before it. The reciprocal is rounded once; powers of two have an exact one. In front of a step (floor, a
// comparison, a choice) only those are taken: 41 * (1 / 41) is below 1. 1 / x becomes reciprocal(x).
#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "graph/match.h"
#include "ops/op.h"
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

bool is_exact(const Tensor& reciprocals) {
  const float* data = reciprocals.data<float>();
  int exponent = 0;
  return std::all_of(data, data + reciprocals.count(),
                     [&](float x) { return std::abs(std::frexp(x, &exponent)) == 0.5f; });
}

// Whether an operator with steps reads the value before a layer with weights or an integer meaning of its own does.
bool meets_a_step(const Value* value, std::unordered_set<const Value*>& seen) {
  if (!seen.insert(value).second) return false;
  return std::any_of(value->readers.begin(), value->readers.end(), [&](const Node* reader) {
    using ops::IntegerRule;
    const IntegerRule rule = ops::find_op(reader->op)->integer;
    if (rule == IntegerRule::product_sum || reader->op == "matmul") return false;
    const bool is_smooth = rule != IntegerRule::none || reader->op == "pow" || reader->op == "div";
    const bool has_steps =
        reader->op == "floor" || reader->op == "ceil" || reader->op == "round" || reader->op == "sign";
    if (!is_smooth || has_steps) return true;
    return std::any_of(reader->outputs.begin(), reader->outputs.end(),
                       [&](const Value* output) { return meets_a_step(output, seen); });
  });
}

bool is_reciprocal(const Node& node) {
  return scalar_of(node.inputs[0]) == 1.0f && node.output()->type == node.inputs[1]->type;
}

Value* without_division(Graph& graph, const Node& node) {
  if (is_reciprocal(node)) return graph.add_node("reciprocal", node.name, {node.inputs[1]}, {}, node.output()->type);
  const std::optional<Tensor> factors = reciprocals(*node.inputs[1]);
  if (!factors) return nullptr;
  std::unordered_set<const Value*> seen;
  if (!is_exact(*factors) && meets_a_step(node.output(), seen)) return nullptr;
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
