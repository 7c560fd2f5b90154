// drop_identities: removes nodes that hand on their input as it is: a slice of everything, a concat of one, a pad by
// nothing, a clip without bounds, a cast to the same type, a product with ones, a sum with zeros.
#include <algorithm>
#include <limits>

#include "simplify/passes.h"

namespace espalier::simplify {
namespace {

bool is_identity_node(const Node& node) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  if (node.op == "slice") {
    const std::vector<int64_t> step = node.integers("step");
    return node.output()->shape() == node.inputs[0]->shape() &&
           std::all_of(step.begin(), step.end(), [](int64_t s) { return s > 0; });
  }
  // In integers a concat of one may still change the scale.
  if (node.op == "concat")
    return node.inputs.size() == 1 && node.output()->quantization == node.inputs[0]->quantization;
  if (node.op == "pad") return node.output()->shape() == node.inputs[0]->shape();
  if (node.op == "clip")
    return node.real("clip_min", -kInfinity) == -kInfinity && node.real("clip_max", kInfinity) == kInfinity;
  if (node.op == "cast") return node.output()->type == node.inputs[0]->type;
  return false;
}

bool is_filled_with(const Value& value, float number) {
  if (!value.is_constant() || value.type.type != DataType::f32 || value.is_stored_as_integers()) return false;
  const float* data = value.constant.data<float>();
  return std::all_of(data, data + value.constant.count(), [number](float element) { return element == number; });
}

// The operand of a product with ones, a quotient by ones, a sum or a difference with zeros; nullptr for others. The
// sign of a zero is not kept: -0 + 0 is 0.
Value* operand_alone(const Node& node) {
  const bool multiplies = node.op == "mul" || node.op == "div";
  if (!multiplies && node.op != "add" && node.op != "sub") return nullptr;
  if (node.text("activation", "none") != "none" || node.output()->quantization) return nullptr;
  const bool commutes = node.op == "mul" || node.op == "add";
  for (size_t i = 0; i < (commutes ? 2 : 1); ++i) {
    Value* operand = node.inputs[i];
    if (is_filled_with(*node.inputs[1 - i], multiplies ? 1.0f : 0.0f) && operand->type == node.output()->type &&
        !operand->is_constant())
      return operand;
  }
  return nullptr;
}

Value* handed_on(const Node& node) { return is_identity_node(node) ? node.inputs[0] : operand_alone(node); }

}  // namespace

int drop_identities(Graph& graph) {
  int count = 0;
  for (Node* node : graph.nodes()) {
    if (node->op.empty()) continue;
    Value* value = handed_on(*node);
    if (value == nullptr) continue;
    graph.replace(node, value);
    ++count;
  }
  return count;
}

}  // namespace espalier::simplify
