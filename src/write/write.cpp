// Table of contents of the stage (write/write.h).
//
//   onnx/file.cpp               the ONNX file: nodes, initializers, names
//   onnx/writer.cpp             tensors of values in the forms that nodes ask for; the border
//   onnx/real_operators.cpp     operators on reals
//   onnx/integer_operators.cpp  operators on integers, where ONNX has them
#include "write/write.h"

#include "write/onnx/writer.h"

namespace espalier::write {

Result<std::vector<uint8_t>> write_onnx(const Graph& graph, const WriteOptions& options) {
  return onnx::Writer(graph, options).run();
}

}  // namespace espalier::write
