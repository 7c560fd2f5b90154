// One NumPy array (.npy, format 1.0 to 3.0) as a Tensor. Row-major and little-endian only.
//
//   type in the file             Tensor
//   b1 i1 u1 i2 i4 i8 f2 f4      bool s8 u8 s16 s32 s64 f16 f32
//   f8                           f32, rounded
//   u2, u4, u8                   s32, s64, s64; an u8 value of 2^63 or more is an error
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "espalier/tensor.h"

namespace espalier {

Result<Tensor> parse_npy(Bytes file);
Result<Tensor> read_npy(const std::string& path);

std::vector<uint8_t> npy_bytes(const Tensor& tensor);
Status write_npy(const std::string& path, const Tensor& tensor);

}  // namespace espalier
