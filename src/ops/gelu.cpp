// gelu: y = x * (1 + erf(x / sqrt(2))) / 2, rounded once from float64.
#include "numerics/elementary.h"
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

void evaluate_f32(const EvalArgs& args) { evaluate_each(args, gelu_f32); }

double function(double x, const Node&) { return gelu_f64(x); }

}  // namespace

const OpSpec gelu = unary("x * (1 + erf(x / sqrt(2))) / 2", evaluate_f32, function);

}  // namespace espalier::ops
