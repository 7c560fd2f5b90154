// Quantized tensors of ONNX, and what stands for them in the graph.
//
// A computed u8 or s8 tensor is the s8 output of a quantize node that carries the file's scale and zero point;
// operators stay real between a dequantize node in front and a quantize node behind them, and quantize/ makes integer
// operators of these. A constant becomes reals that are stored as integers (graph/stored_constant.h). u8 is s8 with
// integers and zero point shifted by 128.
#pragma once

#include "read/onnx/import.h"

namespace espalier::read::onnx {

// The inputs of a node that hold scale and zero point of a tensor, and the dimension that several scales belong to.
struct ScaleInputs {
  size_t scale = 0;
  size_t zero_point = 0;
  int64_t axis = 1;  // as in the file: negative ones count from the end
};

// How a tensor of the file is quantized.
struct Affine {
  Quantization quantization;
  std::vector<int32_t> zero_points = {};  // one per channel where they differ, then quantization has none of them
  DataType type = DataType::u8;           // in the file
};

// The tensor at input `tensor` as reals. Errors: no scale, one that is no positive number, a wrong count of scales, an
// axis out of range, a zero point of another type, or a tensor that was quantized in another way.
Result<Value*> real_input(Import& import, const OnnxNode& node, size_t tensor, const ScaleInputs& where);

// The quantization that a node gives its output; the zero point's type is the output's. Per tensor.
Result<Affine> output_quantization(const OnnxNode& node, const ScaleInputs& where);

// The reals as a quantized tensor.
Result<Value*> quantized(Import& import, const std::string& name, Value* real, const Affine& affine);

// The inputs of a node that are quantized tensors with their scale and zero point right behind them.
std::vector<int> quantized_inputs(const proto::NodeProto& node);

// What a table makes has the scale and zero point with which it is read later, maybe behind operators that move it.
Status quantize_as_read_later(Import& import, Value* integers, Value* scale, Value* zero_point);
// "Reshape", ...: nodes that only move elements.
bool moves_elements(const proto::NodeProto& node);

// Converts a node whose inputs may be quantized tensors: an operator that only moves elements works on their reals and
// quantizes back; another one that does not know quantized tensors is refused.
Outputs with_quantized(Converter converter, Import& import, const OnnxNode& node);

// Whether an operator of the domain com.microsoft is read: those that ONNX Runtime's quantizer writes.
bool is_read_of_microsoft(const std::string& op);

}  // namespace espalier::read::onnx
