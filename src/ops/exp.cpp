// exp: y = e^x.
#include "numerics/elementary.h"
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

void evaluate_f32(const EvalArgs& args) { evaluate_each(args, exp_f32); }

double function(double x, const Node&) { return exp_f64(x); }

}  // namespace

const OpSpec exp = unary("e^x", evaluate_f32, function);

}  // namespace espalier::ops
