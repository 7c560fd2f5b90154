// A walk from the outputs back (quantize/leaving_values.h).
#include "quantize/leaving_values.h"

#include "ops/op.h"

namespace espalier::quantize {
namespace {

using ops::IntegerRule;

bool only_moves(const Node& node) {
  const IntegerRule rule = ops::find_op(node.op)->integer;
  return rule == IntegerRule::keep_scale || rule == IntegerRule::join;
}

}  // namespace

std::unordered_set<const Value*> leaving_values(const Graph& graph) {
  std::unordered_set<const Value*> leaving;
  for (const Port& output : graph.outputs()) leaving.insert(output.value);
  const std::vector<Node*> nodes = graph.nodes();
  for (auto node = nodes.rbegin(); node != nodes.rend(); ++node)
    if (only_moves(**node) && leaving.contains((*node)->output()))
      leaving.insert((*node)->inputs.begin(), (*node)->inputs.end());
  return leaving;
}

}  // namespace espalier::quantize
