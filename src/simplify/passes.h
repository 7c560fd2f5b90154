// Every pass of simplify/, one file of the same name each.
#pragma once

#include "graph/graph.h"

namespace espalier::simplify {

#define PASS(name, order_reason) int name(Graph& graph);
#include "simplify/passes.inc"
#undef PASS

}  // namespace espalier::simplify
