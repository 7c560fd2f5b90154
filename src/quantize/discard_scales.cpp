// The way back to a float graph (quantize/discard_scales.h).
#include "quantize/discard_scales.h"

#include <algorithm>

namespace espalier::quantize {

bool has_scales(const Graph& graph) {
  const std::vector<Node*> nodes = graph.nodes();
  return std::any_of(nodes.begin(), nodes.end(),
                     [](const Node* node) { return node->op == "quantize" || node->op == "dequantize"; });
}

int discard_scales(Graph& graph) {
  int count = 0;
  for (Node* node : graph.nodes()) {
    if (node->op != "dequantize") continue;
    const Node* quantize = node->inputs[0]->producer;
    if (quantize == nullptr || quantize->op != "quantize") continue;
    graph.replace(node, quantize->inputs[0]);
    ++count;
  }
  for (Value* value : graph.values()) {
    if (!value->is_stored_as_integers()) continue;
    value->integers = Tensor();
    value->quantization.reset();
  }
  return count;
}

}  // namespace espalier::quantize
