// NumPy archives (.npz): named tensors in one file, for samples and for exchanging results.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "espalier/tensor.h"

namespace espalier {

// Members in the order of the file, named as in NumPy (without ".npy").
Result<std::vector<NamedTensor>> parse_npz(Bytes file);
Result<std::vector<NamedTensor>> read_npz(const std::string& path);

// Uncompressed. Equal tensors give equal bytes.
Result<std::vector<uint8_t>> npz_bytes(const std::vector<NamedTensor>& tensors);
Status write_npz(const std::string& path, const std::vector<NamedTensor>& tensors);

}  // namespace espalier
