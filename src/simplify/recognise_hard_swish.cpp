// recognise_hard_swish: x * hard_sigmoid(x) with slope 1/6, and x * clip(x + 3, 0, 6) / 6 in its spellings.
#include <cmath>

#include "graph/match.h"
#include "simplify/passes.h"

namespace espalier::simplify {
namespace {

bool is_near(std::optional<float> value, float wanted) {
  return value && std::abs(*value - wanted) <= 1e-6f * std::abs(wanted);
}

bool is_clip_0_6(const Value* value) {
  return value->producer->has("clip_min") && value->producer->has("clip_max") &&
         value->producer->real("clip_min") == 0 && value->producer->real("clip_max") == 6;
}

bool is_slope_one_sixth(const Value* value) {
  return is_near(value->producer->real("alpha", 0.2f), 1.0f / 6.0f) && value->producer->real("beta", 0.5f) == 0.5f;
}

// The x of a node that ends a hard-swish, or nullptr.
Value* matched(const Graph& graph, Value* value) {
  const Pattern gate = op("clip", {either_order("add", any("x"), constant("three"))}, "clip");
  const auto is_gate = [](const Match& match) {
    return is_clip_0_6(match["clip"]) && is_near(scalar_of(match["three"]), 3);
  };
  {
    Match match(graph);
    if (either_order("mul", any("x"), op("hard_sigmoid", {any("x")}, "gate")).matches(value, match) &&
        is_slope_one_sixth(match["gate"]))
      return match["x"];
  }
  // (x * gate) / 6 and x * (gate / 6), each with a division or with a product by 1/6.
  for (const bool divides : {true, false}) {
    const float factor = divides ? 6.0f : 1.0f / 6.0f;
    const auto scaled = [divides](const Pattern& x) {
      return divides ? op("div", {x, constant("six")}) : either_order("mul", x, constant("six"));
    };
    Match outside(graph);
    if (scaled(either_order("mul", any("x"), gate)).matches(value, outside) && is_gate(outside) &&
        is_near(scalar_of(outside["six"]), factor))
      return outside["x"];
    Match inside(graph);
    if (either_order("mul", any("x"), scaled(gate)).matches(value, inside) && is_gate(inside) &&
        is_near(scalar_of(inside["six"]), factor))
      return inside["x"];
  }
  return nullptr;
}

}  // namespace

int recognise_hard_swish(Graph& graph) {
  int count = 0;
  for (Node* node : graph.nodes()) {
    if (node->op != "mul" && node->op != "div") continue;
    Value* x = matched(graph, node->output());
    if (x == nullptr) continue;
    graph.replace(node, graph.add_node("hard_swish", node->name, {x}, {}, node->output()->type));
    ++count;
  }
  return count;
}

}  // namespace espalier::simplify
