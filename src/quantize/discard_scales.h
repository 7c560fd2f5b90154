// Makes a float graph of a graph with the file's own scales, so that it can be calibrated anew.
#pragma once

#include "graph/graph.h"

namespace espalier::quantize {

// Whether the graph quantizes activations by itself.
bool has_scales(const Graph& graph);

struct Discarded {
  int pair_count = 0;
  int clip_count = 0;  // ranges that stay as clips
};

// Every quantize with the dequantize behind it goes, and constants that are stored as integers become plain reals. What
// the user feeds or takes as integers keeps its scale. Where the saturation of a pair may stand for an activation that
// the quantizer left out (ONNX Runtime's leaves out Relu and Clip), a clip to the pair's range takes its place.
Discarded discard_scales(Graph& graph);

}  // namespace espalier::quantize
