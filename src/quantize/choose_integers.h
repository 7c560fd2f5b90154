// Which nodes of a float graph become integer.
#pragma once

#include <unordered_map>

#include "base/reason.h"
#include "graph/graph.h"

namespace espalier::quantize {

// By node; a Reason that applies means integer.
std::unordered_map<const Node*, Reason> choose_integers(const Graph& graph);

}  // namespace espalier::quantize
