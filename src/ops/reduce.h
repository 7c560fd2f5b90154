// What reductions over axes, which stay with extent 1, share.
#pragma once

#include <vector>

#include "ops/shapes.h"

namespace espalier::ops {

inline const std::vector<AttributeSpec> kReduceAttributes = {{"axes", kIntegers, "the axes that are reduced"}};

// The input's type with extent 1 for every axis. Errors: no axis, one outside of the rank, or 2^24 elements and more.
Result<std::vector<TensorType>> infer_reduced(const Node& node);
// OpSpec::attributes_before_transpose of reductions.
Attributes reduced_before_transpose(const Node& node, const std::vector<int64_t>& permutation);

// Calls row(output index, element(i) -> input offset of the i-th reduced element, their count).
template <class Row>
void for_each_row(const Node& node, Row row) {
  const Shape& input = node.inputs[0]->shape();
  const Shape& output = node.output()->shape();
  const std::vector<int64_t> strides = dense_strides(input);
  Shape reduced(input.size(), 1);
  for (const int64_t axis : node.integers("axes"))
    reduced[static_cast<size_t>(axis)] = input[static_cast<size_t>(axis)];
  std::vector<int64_t> offsets;
  for_each_pair(reduced, strides, strides, [&](int64_t, int64_t offset, int64_t) { offsets.push_back(offset); });
  for_each_pair(output, strides, strides, [&](int64_t index, int64_t base, int64_t) { row(index, base, offsets); });
}

}  // namespace espalier::ops
