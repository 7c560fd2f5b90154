// cancel_transposes: two transposes in a row become one, one that changes nothing goes, and one that only moves
// dimensions of extent 1 becomes a reshape.
#include "simplify/layout.h"
#include "simplify/passes.h"

namespace espalier::simplify {

int cancel_transposes(Graph& graph) {
  int count = 0;
  for (Node* node : graph.nodes()) {
    if (node->op != "transpose") continue;
    Value* input = node->inputs[0];
    const Permutation permutation = node->integers("permutation");
    if (is_identity(permutation)) {
      graph.replace(node, input);
      ++count;
    } else if (const std::optional<Permutation> before = transpose_of(input)) {
      Value* source = input->producer->inputs[0];
      graph.replace(node, add_transpose(graph, node->name, source, composed(*before, permutation)));
      ++count;
    } else if (moves_units_only(input->shape(), permutation)) {
      Value* reshaped =
          graph.add_node("reshape", node->name, {input}, {{"shape", node->output()->shape()}}, node->output()->type);
      reshaped->quantization = node->output()->quantization;
      graph.replace(node, reshaped);
      ++count;
    }
  }
  return count;
}

}  // namespace espalier::simplify
