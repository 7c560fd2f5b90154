// Real constants that a quantized model stores as integers. Such a value is f32, so that every stage may read it as it
// reads any constant, and carries what the file holds: `integers` (s8 or s32) and `quantization`, with
//
//   constant = (integers - zero_point) * scale
//
// The integers are kept because s32 ones do not survive the way through float32. What makes another constant of it
// makes a plain one: only moving elements keeps the integers (ops/fold.h).
#pragma once

#include "graph/graph.h"

namespace espalier {

// The reals behind integers of s8 or s32, each rounded once: float32(q - zero_point) * scale.
// Requires: as many scales as `quantization.axis` says.
Tensor dequantized(const Tensor& integers, const Quantization& quantization);

Value* add_stored_constant(Graph& graph, const std::string& name, Tensor integers, Quantization quantization);

}  // namespace espalier
