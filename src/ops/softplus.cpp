// softplus: y = log(1 + exp(x)).
#include "numerics/elementary.h"
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

void evaluate_f32(const EvalArgs& args) { evaluate_each(args, softplus_f32); }

double function(double x, const Node&) { return softplus_f64(x); }

}  // namespace

const OpSpec softplus = unary("log(1 + exp(x))", evaluate_f32, function);

}  // namespace espalier::ops
