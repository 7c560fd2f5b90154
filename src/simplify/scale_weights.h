// Multiplying and shifting the outputs of a conv2d or linear node through its weights and bias.
#pragma once

#include <vector>

#include "graph/graph.h"

namespace espalier::simplify {

// Whether the node's outputs can be scaled: constant float weights and bias, no activation, and no reader of the
// output but `reader`.
bool can_scale(const Graph& graph, const Node* node, const Node* reader);

// y[o] becomes y[o] * scale[o] + offset[o]. Weights that are stored as integers keep them where all scales are
// positive. Requires: can_scale, one scale and offset per output channel.
void scale_outputs(Graph& graph, Node* node, const std::vector<float>& scale, const std::vector<float>& offset);

}  // namespace espalier::simplify
