// The shape rule of arg_max and arg_min (ops/extreme_index.h).
#include "ops/extreme_index.h"

namespace espalier::ops {

Result<std::vector<TensorType>> infer_extreme_index(const Node& node) {
  TensorType type{DataType::s64, node.inputs[0]->shape()};
  const int64_t axis = node.integer("axis");
  if (axis < 0 || axis >= static_cast<int64_t>(type.shape.size()))
    return error("axis {} is outside of {} dimensions", axis, type.shape.size());
  int64_t& extent = type.shape[static_cast<size_t>(axis)];
  if (extent < 1) return error("dimension {} has no element to choose", axis);
  extent = 1;
  return std::vector<TensorType>{type};
}

}  // namespace espalier::ops
