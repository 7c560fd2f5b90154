// A node that reads constants only becomes a constant, by the reference meaning of its operator.
#pragma once

#include "ops/op.h"

namespace espalier::ops {

// Every input is constant or left out, it has one output and a meaning, and making it takes no more than a second.
bool can_fold(const Node& node);

// Adds the node's output as a constant; the node stays. Where a node only moves the elements of reals that are stored
// as integers, or is what makes reals of stored integers, the integers come along. Requires: can_fold accepts the node.
Value* fold(Graph& graph, const Node& node, const std::string& name);

}  // namespace espalier::ops
