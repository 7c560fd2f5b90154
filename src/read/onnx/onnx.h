// ONNX file -> graph: opsets 1 to 22. The reader folds what is constant as it goes (shape arithmetic above all), keeps
// the file's NCHW layout at its own values and puts transposes around spatial operators; simplify/ cancels them.
//
//   model.cpp       the file: schema, versions, cuts, shapes of the inputs
//   tensors.cpp     stored tensors, also in external files
//   import.cpp      what converters use: reading attributes, emitting nodes, folding constants
//   quantized.cpp   tensors of 8 bits: scales, zero points, QuantizeLinear and DequantizeLinear
//   converters.inc  one line per ONNX operator with its limits; the other files hold the converters, by family
//   not_read.inc    operators that are not read, and why
#pragma once

#include "base/bytes.h"
#include "read/read.h"

namespace espalier::read::onnx {

inline constexpr int64_t kOpsetMin = 1;
inline constexpr int64_t kOpsetMax = 22;

// `path` is only used to find external data beside the file.
Result<Model> read_onnx(Bytes bytes, const std::string& path, const ReadOptions& options, bool survey);

// See read.h.
Result<std::vector<std::string>> constant_inputs(Bytes bytes);

// The files that hold the model's external data, each once, by name. One outside of the model's folder is an error.
Result<std::vector<std::string>> external_files(Bytes bytes, const std::string& path);

}  // namespace espalier::read::onnx
