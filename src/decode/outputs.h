// Finding an output by its shape, for networks that have several.
#pragma once

#include "decode/decode.h"

namespace espalier {

// The `occurrence`-th output (from 0) of exactly this shape. Error: there is none; the sentence says what it would
// hold and what the network has.
Result<const Tensor*> output_of_shape(const DecodeInput& input, const Shape& shape, const std::string& what,
                                      int64_t occurrence = 0);

// "\"boxes\" 1x4420x4, \"scores\" 1x4420x2", for sentences.
std::string describe_outputs(const DecodeInput& input);

}  // namespace espalier
