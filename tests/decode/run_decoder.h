// Runs a decoder by its name in tests, without fuss.
#pragma once

#include <algorithm>

#include "decode/decode.h"

namespace espalier {

// The input is the picture.
inline Result<Decoded> run_decoder(const std::string& name, const std::vector<NamedTensor>& outputs, int64_t height,
                                   int64_t width, const DecodeOptions& options = {},
                                   const std::vector<std::string>& labels = {}) {
  return decode(**find_decoder(name), {.outputs = outputs,
                                       .geometry = {},
                                       .input_height = height,
                                       .input_width = width,
                                       .options = options,
                                       .labels = labels});
}

inline Result<Decoded> run_decoder(const std::string& name, const std::vector<NamedTensor>& outputs, int64_t size,
                                   const DecodeOptions& options = {}) {
  return run_decoder(name, outputs, size, size, options);
}

inline std::string message(const Result<Decoded>& decoded) {
  return decoded.ok() ? "no error" : decoded.error().message();
}

inline Tensor filled(const Shape& shape, float value) {
  Tensor tensor(DataType::f32, shape);
  std::fill_n(tensor.mutable_data<float>(), tensor.count(), value);
  return tensor;
}

inline void put(Tensor& tensor, int64_t at, const std::vector<float>& values) {
  std::copy(values.begin(), values.end(), tensor.mutable_data<float>() + at);
}

}  // namespace espalier
