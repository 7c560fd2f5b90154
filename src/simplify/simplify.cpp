// Table of contents of the stage: runs passes.inc in order.
#include "simplify/simplify.h"

#include "ops/op.h"
#include "simplify/passes.h"

namespace espalier::simplify {

const std::vector<Pass>& passes() {
  static const std::vector<Pass> list = {
#define PASS(name, order_reason) {#name, name, order_reason},
#include "simplify/passes.inc"
#undef PASS
  };
  return list;
}

std::vector<PassResult> simplify(Graph& graph, const PassOptions& options) {
  return run_passes(graph, passes(), ops::op_lookup(), options);
}

}  // namespace espalier::simplify
