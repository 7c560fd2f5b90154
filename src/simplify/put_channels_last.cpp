// put_channels_last: an input port that feeds an NCHW map becomes NHWC inside, with a transpose back for its readers,
// so that all transposes can move down and none has to move up. The port remembers the user's layout.
#include <algorithm>
#include <unordered_set>

#include "ops/op.h"
#include "simplify/layout.h"
#include "simplify/passes.h"

namespace espalier::simplify {
namespace {

const Permutation kToNhwc = {0, 2, 3, 1};

// Whether a transpose to NHWC waits behind nodes that a transpose can move past: then the value is an NCHW map, and a
// transpose behind it will meet that one and cancel. A transpose right behind the value is absorb_port_transposes'
// work.
bool leads_to_nhwc(const Graph& graph, const Value* value) {
  std::unordered_set<const Value*> moved = {value};
  for (const Node* node : graph.nodes()) {
    const auto follows = [&](const Value* input) {
      return input != nullptr && (input->is_constant() || moved.contains(input));
    };
    if (node->op == "transpose" && node->inputs[0] != value && moved.contains(node->inputs[0]) &&
        node->integers("permutation") == kToNhwc)
      return true;
    if (ops::find_op(node->op)->attributes_before_transpose != nullptr && node->output()->shape().size() == 4 &&
        std::all_of(node->inputs.begin(), node->inputs.end(), follows))
      moved.insert(node->output());
  }
  return false;
}

}  // namespace

int put_channels_last(Graph& graph) {
  int count = 0;
  for (Port& port : graph.inputs()) {
    Value* value = port.value;
    if (value->shape().size() != 4 || !port.permutation.empty() || !leads_to_nhwc(graph, value)) continue;
    TensorType type{value->type.type, {}};
    for (const int64_t from : kToNhwc) type.shape.push_back(value->shape()[static_cast<size_t>(from)]);
    Value* inside = graph.add_value(port.name + ".nhwc", type);
    inside->quantization = value->quantization;
    graph.replace_uses(value, add_transpose(graph, port.name + ".nchw", inside, inverse(kToNhwc)));
    port.value = inside;
    port.permutation = kToNhwc;
    ++count;
  }
  return count;
}

}  // namespace espalier::simplify
