// Functions that a model brings along: a node that calls one is replaced by the function's nodes.
#pragma once

#include <onnx/onnx-ml.pb.h>

#include "base/error.h"

namespace espalier::read::onnx {

// Afterwards no node of the graph calls a function of the model. Tensors inside a function get the name of the calling
// node in front of their own. Errors: functions that call themselves, or more nodes than any network has.
Status inline_functions(::onnx::ModelProto& model);

}  // namespace espalier::read::onnx
