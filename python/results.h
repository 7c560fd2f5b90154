// Decoded results as Python objects.
#pragma once

#include <nanobind/nanobind.h>

#include "decode/decode.h"

namespace espalier {

// A list of dictionaries with the members of `espalier run --json`, or an array for a mask (uint8, 255 where the
// network did not see) and for depth (float32, NaN there), both height x width. `names` are those of the classes.
nanobind::object python_of(Decoded decoded, DecodedKind kind, const std::vector<std::string>& names);

}  // namespace espalier
