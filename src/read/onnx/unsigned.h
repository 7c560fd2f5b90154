// Types u16, u32 and u64 of the file, which the graph holds as s32 and s64: what their arithmetic wraps to.
//
// u16 and u32 wrap as the file means it. A u64 beyond 63 bits has no place in the graph, so what could make one is
// refused. u8 is a type of the graph (ops/ wraps it).
#pragma once

#include "read/onnx/import.h"

namespace espalier::read::onnx {

// UINT16, UINT32 or UINT64 of the schema; 0 stands for every other type.
using UnsignedType = int32_t;

// 0 for a type that is none of the three.
UnsignedType unsigned_type(int32_t element_type);

// Brings what a node made into the range of its type and returns that of each output. `inputs` are the types of the
// node's inputs. Errors: an operator of which this file does not know what it makes, or a u64 that may not fit s64.
Result<std::vector<UnsignedType>> wrap_unsigned(Import& import, const OnnxNode& node,
                                                const std::vector<UnsignedType>& inputs, std::vector<Value*>& outputs);

}  // namespace espalier::read::onnx
