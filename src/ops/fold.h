// What a node of constants makes are constants, by the reference meaning of its operator.
#pragma once

#include "ops/op.h"

namespace espalier::ops {

// Every input is constant or left out, it has a meaning, and making it takes no more than a second.
bool can_fold(const Node& node);

// Adds the node's outputs as constants; the node stays. Where a node only moves the elements of reals that are stored
// as integers, or is what makes reals of stored integers, the integers come along. Requires: can_fold accepts the node.
std::vector<Value*> fold(Graph& graph, const Node& node, const std::string& name);

}  // namespace espalier::ops
