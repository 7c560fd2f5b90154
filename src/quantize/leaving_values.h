// Values that the user gets to see: outputs, and what becomes one through nodes that only move or select elements.
#pragma once

#include <unordered_set>

#include "graph/graph.h"

namespace espalier::quantize {

// Their ranges keep all that calibration has seen, whatever the method: the few largest scores are the result.
std::unordered_set<const Value*> leaving_values(const Graph& graph);

}  // namespace espalier::quantize
