// round: y = the nearest whole number, halves to the even one.
#include "numerics/rounding.h"
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

void evaluate_f32(const EvalArgs& args) {
  evaluate_each(args, [](float x) { return round_half_even(x); });
}

double function(double x, const Node&) { return round_half_even(x); }

}  // namespace

const OpSpec round = unary("the nearest whole number, halves to the even one", evaluate_f32, function);

}  // namespace espalier::ops
