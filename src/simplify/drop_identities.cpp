// drop_identities: removes nodes that hand on their input as it is: a slice of everything, a concat of one, a pad by
// nothing, a clip without bounds, a cast to the same type.
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
  if (node.op == "concat") return node.inputs.size() == 1;
  if (node.op == "pad") return node.output()->shape() == node.inputs[0]->shape();
  if (node.op == "clip")
    return node.real("clip_min", -kInfinity) == -kInfinity && node.real("clip_max", kInfinity) == kInfinity;
  if (node.op == "cast") return node.output()->type == node.inputs[0]->type;
  return false;
}

}  // namespace

int drop_identities(Graph& graph) {
  int count = 0;
  for (Node* node : graph.nodes()) {
    if (node->op.empty() || !is_identity_node(*node)) continue;
    graph.replace(node, node->inputs[0]);
    ++count;
  }
  return count;
}

}  // namespace espalier::simplify
