// Sizes of a matmul, for the reference and the kernels.
#pragma once

#include <utility>
#include <vector>

#include "ops/shapes.h"

namespace espalier::ops {

// y[rows, columns] = a[rows, depth] x b[depth, columns], once per batch.
struct MatmulSizes {
  int64_t rows = 0, depth = 0, columns = 0;
  std::vector<std::pair<int64_t, int64_t>> batches;  // where the matrices of a and of b begin, in elements
};
// Requires: infer accepts the node.
MatmulSizes matmul_sizes(const Node& node);

}  // namespace espalier::ops
