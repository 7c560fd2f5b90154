// The invariants of a graph, one function and one sentence each. A violation after a pass is our bug; after reading
// a package or text it is the file's.
#pragma once

#include "graph/op_lookup.h"

namespace espalier {

// All invariants in order; the first violation, with the node's line.
Status verify_graph(const Graph& graph, const OpLookup& ops);

// "every node comes after the nodes that feed it"
Status verify_order(const Graph& graph);
// "every operator exists and has the inputs that it needs"
Status verify_inputs(const Graph& graph, const OpLookup& ops);
// "every value is an input, a constant or made by exactly one node"
Status verify_values(const Graph& graph);
// "the stored types are those that the operators produce"
Status verify_types(const Graph& graph, const OpLookup& ops);
// "scales are finite and positive, one per tensor or one per index of the axis; zero points fit the type"
Status verify_quantization(const Graph& graph);
// "the integers that an operator computes with carry their scales"
Status verify_scales(const Graph& graph, const OpLookup& ops);
// "a port's type is its value's under the permutation, or f32 where quantization made the value; names differ"
Status verify_ports(const Graph& graph);

}  // namespace espalier
