// Graph -> smaller graph with the same values: what exporters spell out becomes one node, layouts meet, constants fold.
// It never changes what a network computes beyond the rounding of reordered float operations.
#pragma once

#include "graph/pass.h"

namespace espalier::simplify {

// The passes in running order, with the reason of each place.
const std::vector<Pass>& passes();

std::vector<PassResult> simplify(Graph& graph, const PassOptions& options = {});

}  // namespace espalier::simplify
