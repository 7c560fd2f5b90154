// Reading the window attributes that convolutions and pools share.
#pragma once

#include "read/onnx/import.h"

namespace espalier::read::onnx {

// strides, padding and dilations as attributes of ours, resolving auto_pad. `input` is NCHW.
Result<Attributes> read_window(const OnnxNode& node, const Shape& input, const std::vector<int64_t>& kernel);

// The kernel of a node whose input has 3 dimensions, [N, C, length], as that of a map with one row.
std::vector<int64_t> kernel_with_row(const OnnxNode& node, const std::vector<int64_t>& kernel);

}  // namespace espalier::read::onnx
