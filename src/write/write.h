// Graph -> model file of another tool: the way out, as read/ is the way in.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace espalier::write {

// How the file says that an operator works on integers.
enum class OnnxForm {
  qdq,        // real operators between DequantizeLinear and QuantizeLinear
  qoperator,  // QLinearConv, QLinearMatMul and their like
};

struct WriteOptions {
  OnnxForm form = OnnxForm::qdq;
  std::string producer = {};  // name and version of who writes
};

// The bytes of an ONNX file that computes what the graph computes, with the user's names, types and layouts at the
// border. Quantized activations are u8, weights s8. An error names the node that has no form in ONNX.
Result<std::vector<uint8_t>> write_onnx(const Graph& graph, const WriteOptions& options);

}  // namespace espalier::write
