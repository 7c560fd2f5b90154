// logical_xor: y is true where exactly one is, with numpy broadcasting.
#include "ops/compare.h"

namespace espalier::ops {
namespace {

void evaluate_bool(const EvalArgs& args) {
  evaluate_logic(args, [](bool a, bool b) { return a != b; });
}

}  // namespace

const OpSpec logical_xor = logic("true where exactly one is, with broadcasting", evaluate_bool);

}  // namespace espalier::ops
