// The neighbours of each output row and column of a resize, computed once; the reference and the kernels use the same.
#pragma once

#include <vector>

#include "ops/shapes.h"

namespace espalier::ops {

// The two neighbours of an output position along one dimension and the weight of the second. For nearest both are the
// chosen one and the weight is 0.
struct ResizeTap {
  int64_t first = 0;
  int64_t second = 0;
  float weight = 0;
};
// One per output row (axis 0) or column (axis 1). Requires: the node is inferred.
std::vector<ResizeTap> resize_taps(const Node& node, size_t axis);

}  // namespace espalier::ops
