// Whether the integers of a node carry the scales that its meaning computes with, and whether its sums fit 32 bits.
#pragma once

#include "graph/graph.h"

namespace espalier::ops {

// After it, Value::scale() is there where a meaning reads it, every multiplier is finite, and no product sum can leave
// int32. Requires: infer accepts the node.
Status check_scales(const Node& node);

// The largest absolute value that the sum of an output channel of conv2d or linear can take: sum |w - zero point| * 255
// + |bias|, over `row` weights. Eight bits and any zero point are at most 255 apart.
int64_t sum_bound(const int8_t* weights, int64_t row, int32_t weight_zero, int64_t bias);

}  // namespace espalier::ops
