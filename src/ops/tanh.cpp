// tanh: the hyperbolic tangent.
#include "numerics/elementary.h"
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

void evaluate_f32(const EvalArgs& args) { evaluate_each(args, tanh_f32); }

double function(double x, const Node&) { return tanh_f64(x); }

}  // namespace

const OpSpec tanh = unary("hyperbolic tangent", evaluate_f32, function);

}  // namespace espalier::ops
