// recognise_silu: x * sigmoid(x) becomes silu(x).
#include "graph/match.h"
#include "simplify/passes.h"

namespace espalier::simplify {

int recognise_silu(Graph& graph) {
  const Pattern pattern = either_order("mul", any("x"), op("sigmoid", {any("x")}));
  int count = 0;
  for (Node* node : graph.nodes()) {
    Match match(graph);
    if (node->op != "mul" || !pattern.matches(node->output(), match)) continue;
    graph.replace(node, graph.add_node("silu", node->name, {match["x"]}, {}, node->output()->type));
    ++count;
  }
  return count;
}

}  // namespace espalier::simplify
