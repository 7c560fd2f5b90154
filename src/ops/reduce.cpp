// Shapes of reductions (ops/reduce.h).
#include "ops/reduce.h"

#include <algorithm>

namespace espalier::ops {

Result<std::vector<TensorType>> infer_reduced(const Node& node) {
  TensorType type = node.inputs[0]->type;
  const std::vector<int64_t> axes = node.integers("axes");
  if (axes.empty()) return error("axes names no axis");
  int64_t count = 1;
  for (const int64_t axis : axes) {
    if (axis < 0 || axis >= static_cast<int64_t>(type.shape.size()))
      return error("axis {} is outside of {} dimensions", axis, type.shape.size());
    int64_t& extent = type.shape[static_cast<size_t>(axis)];
    count *= extent;
    if (count < 1 || count >= int64_t{1} << 24)
      return error("a reduction over {} elements; 1 to {} are possible", count, (int64_t{1} << 24) - 1);
    extent = 1;
  }
  return std::vector<TensorType>{type};
}

Attributes reduced_before_transpose(const Node& node, const std::vector<int64_t>& permutation) {
  std::vector<int64_t> axes;
  for (const int64_t axis : node.integers("axes")) axes.push_back(permutation[static_cast<size_t>(axis)]);
  std::sort(axes.begin(), axes.end());
  return {{"axes", axes}};
}

}  // namespace espalier::ops
