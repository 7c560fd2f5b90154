// merge_clips: relu and clip in a row become one clip, and a clip from 0 without upper bound becomes relu.
#include <algorithm>
#include <limits>

#include "graph/match.h"
#include "simplify/passes.h"

namespace espalier::simplify {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

struct Bounds {
  float min = -kInfinity;
  float max = kInfinity;
};

std::optional<Bounds> bounds_of(const Node* node) {
  if (node == nullptr) return std::nullopt;
  if (node->op == "relu") return Bounds{.min = 0};
  if (node->op == "clip") return Bounds{node->real("clip_min", -kInfinity), node->real("clip_max", kInfinity)};
  return std::nullopt;
}

Value* add_clip(Graph& graph, const Node& node, Value* x, const Bounds& bounds) {
  const bool is_relu = bounds.min == 0 && bounds.max == kInfinity;
  const Attributes attributes = is_relu ? Attributes{} : Attributes{{"clip_min", bounds.min}, {"clip_max", bounds.max}};
  return graph.add_node(is_relu ? "relu" : "clip", node.name, {x}, attributes, node.output()->type);
}

}  // namespace

int merge_clips(Graph& graph) {
  int count = 0;
  for (Node* node : graph.nodes()) {
    const std::optional<Bounds> outer = bounds_of(node);
    if (!outer) continue;
    Value* input = node->inputs[0];
    const std::optional<Bounds> inner = bounds_of(input->producer);
    if (inner && only_reader(graph, input) == node && outer->min <= outer->max && inner->min <= inner->max) {
      const auto apply = [&](float x) { return std::clamp(x, outer->min, outer->max); };
      graph.replace(node, add_clip(graph, *node, input->producer->inputs[0], {apply(inner->min), apply(inner->max)}));
      ++count;
    } else if (node->op == "clip" && outer->min == 0 && outer->max == kInfinity) {
      graph.replace(node, add_clip(graph, *node, input, *outer));
      ++count;
    }
  }
  return count;
}

}  // namespace espalier::simplify
