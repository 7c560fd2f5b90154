// logical_or: y is true where one of both is, with numpy broadcasting.
#include "ops/compare.h"

namespace espalier::ops {
namespace {

void evaluate_bool(const EvalArgs& args) {
  evaluate_logic(args, [](bool a, bool b) { return a || b; });
}

}  // namespace

const OpSpec logical_or = logic("true where one of both is, with broadcasting", evaluate_bool);

}  // namespace espalier::ops
