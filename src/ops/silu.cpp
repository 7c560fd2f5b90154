// silu: y = x * sigmoid(x), also called swish.
#include "numerics/elementary.h"
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

void evaluate_f32(const EvalArgs& args) {
  evaluate_each(args, [](float x) { return x * sigmoid_f32(x); });
}

double function(double x, const Node&) { return x * sigmoid_f64(x); }

}  // namespace

const OpSpec silu = unary("x * sigmoid(x)", evaluate_f32, function);

}  // namespace espalier::ops
