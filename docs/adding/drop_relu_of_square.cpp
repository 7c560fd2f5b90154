// drop_relu_of_square: a square is never negative, so a relu behind it changes nothing and goes.
#include "simplify/passes.h"

namespace espalier::simplify {

int drop_relu_of_square(Graph& graph) {
  int count = 0;
  for (Node* node : graph.nodes()) {
    if (node->op != "relu" || node->inputs[0]->producer == nullptr || node->inputs[0]->producer->op != "square")
      continue;
    graph.replace(node, node->inputs[0]);
    ++count;
  }
  return count;
}

}  // namespace espalier::simplify
