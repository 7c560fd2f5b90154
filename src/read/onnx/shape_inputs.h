// Which inputs of a model decide shapes.
#pragma once

#include <onnx/onnx-ml.pb.h>

#include <string>
#include <vector>

namespace espalier::read::onnx {

// Inputs of the graph, in its order, that reach an operand that must be known before the network runs, without passing
// through Shape or Size, which only look at extents.
std::vector<std::string> shape_inputs_of(const ::onnx::GraphProto& graph);

}  // namespace espalier::read::onnx
