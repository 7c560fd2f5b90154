// put_channels_last: a 4-dimensional input port that the model declares NCHW becomes NHWC inside, with a transpose back
// for its readers, so that all transposes can move down and none has to move up. The port remembers the user's layout.
#include <algorithm>

#include "simplify/layout.h"
#include "simplify/passes.h"

namespace espalier::simplify {

int put_channels_last(Graph& graph) {
  int count = 0;
  for (Port& port : graph.inputs()) {
    Value* value = port.value;
    // A reader that transposes says the layout is another one already; absorb_port_transposes deals with it.
    const bool transposed = std::any_of(value->readers.begin(), value->readers.end(),
                                        [](const Node* reader) { return reader->op == "transpose"; });
    if (value->shape().size() != 4 || !port.permutation.empty() || transposed || value->readers.empty()) continue;
    const Permutation to_nhwc = {0, 2, 3, 1};
    TensorType type{value->type.type, {}};
    for (const int64_t from : to_nhwc) type.shape.push_back(value->shape()[static_cast<size_t>(from)]);
    Value* inside = graph.add_value(port.name + ".nhwc", type);
    graph.replace_uses(value, add_transpose(graph, port.name + ".nchw", inside, inverse(to_nhwc)));
    port.value = inside;
    port.permutation = to_nhwc;
    ++count;
  }
  return count;
}

}  // namespace espalier::simplify
