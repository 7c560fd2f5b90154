// A graph with the file's own scales -> integer graph. Nothing is calibrated and no scale is derived: a node becomes
// integer when its inputs come from dequantize nodes or are stored as integers and all that its output meets is a
// quantize node. What else the file computes stays real, with a Reason.
#pragma once

#include "quantize/quantize.h"

namespace espalier::quantize {

// Requires: a simplified graph with quantize and dequantize nodes between reals.
Result<Quantized> quantize_as_stored(const Graph& graph);

}  // namespace espalier::quantize
