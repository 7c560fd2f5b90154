// fold_constants: a node that reads constants only becomes a constant, by the reference meaning of its operator.
#include "ops/fold.h"
#include "simplify/passes.h"

namespace espalier::simplify {

int fold_constants(Graph& graph) {
  int count = 0;
  for (Node* node : graph.nodes()) {
    // The reader folds what it reads; here only what passes have made constant is left.
    if (node->outputs.size() != 1 || !ops::can_fold(*node)) continue;
    graph.replace(node, ops::fold(graph, *node, node->output()->name)[0]);
    ++count;
  }
  return count;
}

}  // namespace espalier::simplify
