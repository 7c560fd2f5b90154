// reciprocal: y = 1 / x.
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

void evaluate_f32(const EvalArgs& args) {
  evaluate_each(args, [](float x) { return 1.0f / x; });
}

double function(double x, const Node&) { return 1.0 / x; }

}  // namespace

const OpSpec reciprocal = unary("1 / x", evaluate_f32, function);

}  // namespace espalier::ops
