// absorb_port_transposes: a transpose right behind an input or right before an output becomes the port's permutation:
// the border reorders the user's tensor anyway when it changes its type.
#include <algorithm>

#include "simplify/layout.h"
#include "simplify/passes.h"

namespace espalier::simplify {
namespace {

Permutation port_permutation(const Port& port) {
  if (!port.permutation.empty()) return port.permutation;
  Permutation identity;
  for (size_t d = 0; d < port.type.shape.size(); ++d) identity.push_back(static_cast<int64_t>(d));
  return identity;
}

void set_permutation(Port& port, Permutation permutation) {
  port.permutation = is_identity(permutation) ? Permutation{} : std::move(permutation);
}

// All readers transpose alike: the input is fed transposed.
bool absorb_input(Graph& graph, Port& port) {
  Value* value = port.value;
  if (value->readers.empty() || graph.is_output(value)) return false;
  for (const Node* reader : value->readers)
    if (reader->op != "transpose" || reader->integers("permutation") != value->readers[0]->integers("permutation"))
      return false;
  const Permutation permutation = value->readers[0]->integers("permutation");
  Value* inside = graph.add_value(port.name + ".in", value->readers[0]->output()->type);
  inside->quantization = value->quantization;
  port.value = inside;
  // Value dimension d is old dimension permutation[d], which is user dimension old[permutation[d]].
  set_permutation(port, composed(port_permutation(port), permutation));
  const std::vector<Node*> readers = value->readers;
  for (Node* reader : readers) graph.replace(reader, inside);
  return true;
}

bool absorb_output(Graph& graph, Port& port) {
  const std::optional<Permutation> permutation = transpose_of(port.value);
  if (!permutation) return false;
  Node* node = port.value->producer;
  port.value = node->inputs[0];
  // Value dimension d of the transposed tensor is dimension permutation[d] of the one before.
  set_permutation(port, composed(port_permutation(port), inverse(*permutation)));
  graph.remove_if_unused(node);
  return true;
}

}  // namespace

int absorb_port_transposes(Graph& graph) {
  int count = 0;
  for (Port& port : graph.inputs()) count += absorb_input(graph, port);
  for (Port& port : graph.outputs()) count += absorb_output(graph, port);
  return count;
}

}  // namespace espalier::simplify
