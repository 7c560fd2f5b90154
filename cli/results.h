// Decoded results as text, as JSON, as a drawing and as arrays, for `espalier run`.
#pragma once

#include "command.h"
#include "decode/decode.h"

namespace espalier::cli {

// The name of a class, or its index where it has none.
std::string label_of(int64_t class_index, const std::vector<std::string>& names);

// Adds a line per result to the text, and to the JSON the members that `run --help` lists.
void describe(const Decoded& decoded, const std::vector<std::string>& names, Outcome& outcome);

void draw(Image& picture, const Decoded& decoded, const std::vector<std::string>& names);

// The values of a mask (u8, 255 where the network did not see) or of a depth map (f32, NaN there), height x width.
// Error: there is neither.
Result<std::vector<NamedTensor>> maps_of(const Decoded& decoded);

}  // namespace espalier::cli
