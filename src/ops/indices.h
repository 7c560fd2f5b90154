// Indices as data: what gather and scatter operators share.
//
// A constant index is checked when the graph is made: it must lie in -extent to extent - 1, negative ones count from
// the end. A computed index cannot be refused while a network runs; what lies outside takes the nearest element.
#pragma once

#include <algorithm>

#include "ops/elementwise.h"

namespace espalier::ops {

// An error for constant indices that lie outside.
Status check_indices(const Value& indices, int64_t extent);

// Requires: extent > 0.
inline int64_t index_inside(int64_t index, int64_t extent) {
  return std::clamp<int64_t>(index < 0 ? std::max(index, -extent) + extent : index, 0, extent - 1);
}

// The offset in x, shape `shape` with dense `strides`, of the tuple of `depth` indices at `tuple`.
int64_t offset_of_tuple(const int64_t* tuple, size_t depth, const Shape& shape, const std::vector<int64_t>& strides);

// gather_nd and scatter_nd: x[batch..., extents...], indices[batch..., n..., depth]. Checks them and constant indices.
struct Tuples {
  size_t batch_rank = 0;
  size_t depth = 0;  // of each tuple
};
Result<Tuples> tuples_of(const Value& x, const Value& indices, int64_t batch_rank);

// How scatter operators combine what they write with what is there.
enum class Combine { replaced, summed, multiplied, smaller, larger };
// Error: another word than "none", "add", "mul", "min", "max".
Result<Combine> combine_of(const Node& node);

template <class T>
T combined(Combine combine, T old_value, T value) {
  switch (combine) {
    case Combine::summed: return sum_of(old_value, value);
    case Combine::multiplied: return product_of(old_value, value);
    case Combine::smaller: return std::min(old_value, value);
    case Combine::larger: return std::max(old_value, value);
    case Combine::replaced: break;
  }
  return value;
}

inline const AttributeSpec kReductionAttribute = {
    "reduction", kText, "how a value joins what is there: \"none\" (default), \"add\", \"mul\", \"min\" or \"max\""};

}  // namespace espalier::ops
