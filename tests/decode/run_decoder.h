// Runs a decoder by its name in tests, without fuss.
#pragma once

#include "decode/decode.h"

namespace espalier {

inline Result<Decoded> run_decoder(const std::string& name, const std::vector<NamedTensor>& outputs, int64_t size,
                                   const DecodeOptions& options = {}) {
  const Geometry geometry = {.picture_height = size, .picture_width = size};
  return decode(
      **find_decoder(name),
      {.outputs = outputs, .geometry = geometry, .input_height = size, .input_width = size, .options = options});
}

inline std::string message(const Result<Decoded>& decoded) {
  return decoded.ok() ? "no error" : decoded.error().message();
}

}  // namespace espalier
