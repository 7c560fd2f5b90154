// sigmoid: y = 1 / (1 + exp(-x)).
#include "numerics/elementary.h"
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

void evaluate_f32(const EvalArgs& args) { evaluate_each(args, sigmoid_f32); }

double function(double x, const Node&) { return sigmoid_f64(x); }

}  // namespace

const OpSpec sigmoid = unary("1 / (1 + exp(-x))", evaluate_f32, function);

}  // namespace espalier::ops
