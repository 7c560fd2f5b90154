// drop_dead_nodes: removes nodes whose outputs nobody reads.
#include "simplify/passes.h"

namespace espalier::simplify {

int drop_dead_nodes(Graph& graph) {
  const size_t before = graph.node_count();
  const std::vector<Node*> nodes = graph.nodes();
  for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) graph.remove_if_unused(*node);
  return static_cast<int>(before - graph.node_count());
}

}  // namespace espalier::simplify
