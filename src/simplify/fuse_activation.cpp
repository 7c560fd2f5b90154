// fuse_activation: relu or clip joins the conv2d, linear or add before it when that node has no other reader.
#include <limits>

#include "graph/match.h"
#include "simplify/passes.h"

namespace espalier::simplify {

int fuse_activation(Graph& graph) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  int count = 0;
  for (Node* node : graph.nodes()) {
    if (node->op != "relu" && node->op != "clip") continue;
    Node* producer = node->inputs[0]->producer;
    if (producer == nullptr || only_reader(graph, node->inputs[0]) != node) continue;
    if (producer->op != "conv2d" && producer->op != "linear" && producer->op != "add") continue;
    if (producer->text("activation", "none") != "none" || producer->output()->type.type != DataType::f32) continue;
    producer->attributes["activation"] = node->op;
    if (node->op == "clip") {
      producer->attributes["clip_min"] = node->real("clip_min", -kInfinity);
      producer->attributes["clip_max"] = node->real("clip_max", kInfinity);
    }
    graph.replace(node, producer->output());
    ++count;
  }
  return count;
}

}  // namespace espalier::simplify
