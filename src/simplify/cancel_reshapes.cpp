// cancel_reshapes: of several reshapes in a row the last one is enough, and one to the same shape goes.
#include "simplify/passes.h"

namespace espalier::simplify {

int cancel_reshapes(Graph& graph) {
  int count = 0;
  for (Node* node : graph.nodes()) {
    if (node->op != "reshape") continue;
    Value* input = node->inputs[0];
    if (input->shape() == node->output()->shape()) {
      graph.replace(node, input);
      ++count;
    } else if (input->producer != nullptr && input->producer->op == "reshape") {
      Node* before = input->producer;
      graph.set_input(node, 0, before->inputs[0]);
      graph.remove_if_unused(before);
      ++count;
    }
  }
  return count;
}

}  // namespace espalier::simplify
