// Checks and offsets of ops/indices.h.
#include "ops/indices.h"

namespace espalier::ops {

Status check_indices(const Value& indices, int64_t extent) {
  if (extent < 1) return error("a dimension without elements cannot be indexed");
  if (!indices.is_constant()) return {};
  for (int64_t i = 0; i < indices.constant.count(); ++i) {
    const int64_t index = indices.constant.data<int64_t>()[i];
    if (index < -extent || index >= extent) return error("index {} is outside of extent {}", index, extent);
  }
  return {};
}

int64_t offset_of_tuple(const int64_t* tuple, size_t depth, const Shape& shape, const std::vector<int64_t>& strides) {
  int64_t offset = 0;
  for (size_t d = 0; d < depth; ++d) offset += index_inside(tuple[d], shape[d]) * strides[d];
  return offset;
}

Result<Tuples> tuples_of(const Value& x, const Value& indices, int64_t batch_rank) {
  const Shape& shape = x.shape();
  const Shape& tuples = indices.shape();
  if (tuples.empty()) return error("the indices have no dimension; the last one holds the tuples");
  const int64_t depth = tuples.back();
  if (batch_rank < 0 || depth < 1 || batch_rank + depth > static_cast<int64_t>(shape.size()) ||
      batch_rank >= static_cast<int64_t>(tuples.size()))
    return error("{} batch dimensions and tuples of {} indices do not fit the {} dimensions of {} and {}", batch_rank,
                 depth, shape.size(), espalier::to_string(shape), espalier::to_string(tuples));
  const auto batch = static_cast<size_t>(batch_rank);
  if (!std::equal(shape.begin(), shape.begin() + batch_rank, tuples.begin()))
    return error("the first {} dimensions of {} and {} differ", batch, espalier::to_string(shape),
                 espalier::to_string(tuples));
  for (size_t d = 0; d < static_cast<size_t>(depth); ++d) {
    const int64_t extent = shape[batch + d];
    if (extent < 1) return error("a dimension without elements cannot be indexed");
    for (int64_t i = static_cast<int64_t>(d); indices.is_constant() && i < indices.constant.count(); i += depth)
      if (const int64_t index = indices.constant.data<int64_t>()[i]; index < -extent || index >= extent)
        return error("index {} is outside of extent {}", index, extent);
  }
  return Tuples{batch, static_cast<size_t>(depth)};
}

Result<Combine> combine_of(const Node& node) {
  const std::string text = node.text("reduction", "none");
  if (text == "none") return Combine::replaced;
  if (text == "add") return Combine::summed;
  if (text == "mul") return Combine::multiplied;
  if (text == "min") return Combine::smaller;
  if (text == "max") return Combine::larger;
  return error("reduction \"{}\" is none of none, add, mul, min, max", text);
}

}  // namespace espalier::ops
