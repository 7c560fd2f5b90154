// Values that may as well take the range of the concat that reads them: it rounds them to its own scale anyway, so with
// that scale from the start they are rounded once instead of twice, and the concat copies.
#pragma once

#include <unordered_map>

#include "base/reason.h"
#include "graph/graph.h"

namespace espalier::quantize {

// Of each value that nothing but one concat reads, at once or through nodes that keep the scale: the concat's output.
// Inputs of an add do not share: each has its own multiplier in the sum, and a common scale would be the wider one.
std::unordered_map<const Value*, const Value*> share_ranges(
    const Graph& graph, const std::unordered_map<const Node*, Reason>& integer_choice);

}  // namespace espalier::quantize
