// Makes a float graph of a graph with the file's own scales, so that it can be calibrated anew.
#pragma once

#include "graph/graph.h"

namespace espalier::quantize {

// Whether the graph quantizes activations by itself.
bool has_scales(const Graph& graph);

// Every quantize with the dequantize behind it goes, and constants that are stored as integers become plain reals. What
// the user feeds or takes as integers keeps its scale. Returns how many pairs went.
int discard_scales(Graph& graph);

}  // namespace espalier::quantize
