// Permutations of dimensions, shared by the passes that move transposes.
#pragma once

#include <optional>

#include "graph/graph.h"

namespace espalier::simplify {

using Permutation = std::vector<int64_t>;

bool is_identity(const Permutation& permutation);
Permutation inverse(const Permutation& permutation);
// transpose(transpose(x, first), second) = transpose(x, composed(first, second)).
Permutation composed(const Permutation& first, const Permutation& second);

// Whether the transpose of a tensor of this shape only moves dimensions of extent 1: its elements keep their order, so
// a reshape does the same.
bool moves_units_only(const Shape& shape, const Permutation& permutation);

// The permutation when the value is made by a transpose.
std::optional<Permutation> transpose_of(const Value* value);
// transpose(value), made by a node with this name.
Value* add_transpose(Graph& graph, const std::string& name, Value* value, const Permutation& permutation);

}  // namespace espalier::simplify
