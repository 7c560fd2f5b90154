// mish: y = x * tanh(log(1 + exp(x))), the three functions and the product rounded to float32 each.
#include "numerics/elementary.h"
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

void evaluate_f32(const EvalArgs& args) {
  evaluate_each(args, [](float x) { return x * tanh_f32(softplus_f32(x)); });
}

double function(double x, const Node&) { return x * tanh_f64(softplus_f64(x)); }

}  // namespace

const OpSpec mish = unary("x * tanh(log(1 + exp(x)))", evaluate_f32, function);

}  // namespace espalier::ops
