// erf: the error function, 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x.
#include "numerics/elementary.h"
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

void evaluate_f32(const EvalArgs& args) { evaluate_each(args, erf_f32); }

double function(double x, const Node&) { return erf_f64(x); }

}  // namespace

const OpSpec erf = unary("error function", evaluate_f32, function);

}  // namespace espalier::ops
