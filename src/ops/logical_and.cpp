// logical_and: y is true where both are, with numpy broadcasting.
#include "ops/compare.h"

namespace espalier::ops {
namespace {

void evaluate_bool(const EvalArgs& args) {
  evaluate_logic(args, [](bool a, bool b) { return a && b; });
}

}  // namespace

const OpSpec logical_and = logic("true where both are, with broadcasting", evaluate_bool);

}  // namespace espalier::ops
