// Permutation arithmetic of simplify/layout.h.
#include "simplify/layout.h"

namespace espalier::simplify {

bool is_identity(const Permutation& permutation) {
  for (size_t d = 0; d < permutation.size(); ++d)
    if (permutation[d] != static_cast<int64_t>(d)) return false;
  return true;
}

Permutation inverse(const Permutation& permutation) {
  Permutation result(permutation.size());
  for (size_t d = 0; d < permutation.size(); ++d) result[static_cast<size_t>(permutation[d])] = static_cast<int64_t>(d);
  return result;
}

Permutation composed(const Permutation& first, const Permutation& second) {
  Permutation result;
  for (const int64_t from : second) result.push_back(first[static_cast<size_t>(from)]);
  return result;
}

bool moves_units_only(const Shape& shape, const Permutation& permutation) {
  int64_t last = -1;
  for (const int64_t from : permutation) {
    if (shape[static_cast<size_t>(from)] == 1) continue;
    if (from < last) return false;
    last = from;
  }
  return true;
}

std::optional<Permutation> transpose_of(const Value* value) {
  if (value == nullptr || value->producer == nullptr || value->producer->op != "transpose") return std::nullopt;
  return value->producer->integers("permutation");
}

Value* add_transpose(Graph& graph, const std::string& name, Value* value, const Permutation& permutation) {
  TensorType type{value->type.type, {}};
  for (const int64_t from : permutation) type.shape.push_back(value->shape()[static_cast<size_t>(from)]);
  Value* result = graph.add_node("transpose", name, {value}, {{"permutation", permutation}}, type);
  result->quantization = value->quantization;
  return result;
}

}  // namespace espalier::simplify
