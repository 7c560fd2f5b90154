// neg: y = -x.
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

void evaluate_f32(const EvalArgs& args) {
  evaluate_each(args, [](float x) { return -x; });
}

double function(double x, const Node&) { return -x; }

}  // namespace

const OpSpec neg = unary("-x", evaluate_f32, function);

}  // namespace espalier::ops
