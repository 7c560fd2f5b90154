// The clamp that conv2d, linear and add may carry: simplify/ fuses relu and clip into the node before them.
#pragma once

#include <limits>

#include "numerics/requantize.h"
#include "ops/op.h"

namespace espalier::ops {

inline const std::vector<AttributeSpec> kActivationAttributes = {
    {"activation", kText, "\"none\" (default), \"relu\" or \"clip\""},
    {"clip_min", kReal, "lower bound of \"clip\""},
    {"clip_max", kReal, "upper bound of \"clip\""},
};

struct Clamp {
  float min = -std::numeric_limits<float>::infinity();
  float max = std::numeric_limits<float>::infinity();

  // NaN passes through.
  float operator()(float value) const { return clamp(value, min, max); }
};

// An error for an activation that is none of the three.
Status check_activation(const Node& node);
// Requires: check_activation accepts the node.
Clamp activation_of(const Node& node);
// The same clamp on the integers of a quantized output.
OutputRange integer_activation_of(const Node& node);

// Two lists of attributes as one.
std::vector<AttributeSpec> joined(std::vector<AttributeSpec> first, const std::vector<AttributeSpec>& second);

}  // namespace espalier::ops
