// A prepared picture as the input tensor: value = (pixel + add) * mul in float32, or the integers that stand for it.
#pragma once

#include "espalier/tensor.h"
#include "preprocess/apply_recipe.h"

namespace espalier {

enum class Layout { nchw, nhwc };

// 1x3xHxW or 1xHxWx3.
Tensor to_float(const Prepared& prepared, const Recipe& recipe, Layout layout);
// q = saturate(round_half_even(value / scale) + zero_point). Requires: scale > 0, zero_point in [-128, 127].
Tensor to_s8(const Prepared& prepared, const Recipe& recipe, float scale, int32_t zero_point, Layout layout);

}  // namespace espalier
