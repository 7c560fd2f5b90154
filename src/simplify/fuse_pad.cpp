// fuse_pad: a pad of zeros around a map joins the padding of the convolution that reads it. Pools keep it: for them a
// padded zero is an element.
#include <algorithm>
#include "graph/match.h"

#include "ops/shapes.h"
#include "simplify/passes.h"

namespace espalier::simplify {

int fuse_pad(Graph& graph) {
  int count = 0;
  for (Node* conv : graph.nodes()) {
    if (conv->op != "conv2d") continue;
    Node* pad = conv->inputs[0]->producer;
    if (pad == nullptr || pad->op != "pad" || pad->real("value") != 0) continue;
    const std::vector<int64_t> before = pad->integers("before");
    const std::vector<int64_t> after = pad->integers("after");
    if (before[0] != 0 || after[0] != 0 || before[3] != 0 || after[3] != 0) continue;
    std::vector<int64_t> padding = conv->integers("padding", {0, 0, 0, 0});
    padding[0] += before[1];
    padding[1] += before[2];
    padding[2] += after[1];
    padding[3] += after[2];
    if (*std::max_element(padding.begin(), padding.end()) > ops::kExtentMax) continue;
    conv->attributes["padding"] = padding;
    graph.set_input(conv, 0, pad->inputs[0]);
    graph.remove_if_unused(pad);
    ++count;
  }
  return count;
}

}  // namespace espalier::simplify
