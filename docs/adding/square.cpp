// square: y = x * x. Output has the shape and type of the input.
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

void evaluate_f32(const EvalArgs& args) {
  evaluate_each(args, [](float x) { return x * x; });
}

double function(double x, const Node&) { return x * x; }

}  // namespace

const OpSpec square = unary("x * x", evaluate_f32, function);

}  // namespace espalier::ops
