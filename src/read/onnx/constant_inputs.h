// Which inputs of a model must be constants: those that decide shapes, and scales of quantized operators.
#pragma once

#include <onnx/onnx-ml.pb.h>

#include <string>
#include <vector>

namespace espalier::read::onnx {

// Inputs of the graph, in its order, that reach an operand that must be known before the network runs, without passing
// through Shape or Size, which only look at extents.
std::vector<std::string> constant_inputs_of(const ::onnx::GraphProto& graph);

}  // namespace espalier::read::onnx
