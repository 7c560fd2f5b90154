// sqrt: y = sqrt(x), correctly rounded as IEEE 754 wants; NaN below 0.
#include <cmath>

#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

void evaluate_f32(const EvalArgs& args) {
  evaluate_each(args, [](float x) { return std::sqrt(x); });
}

double function(double x, const Node&) { return std::sqrt(x); }

}  // namespace

const OpSpec sqrt = unary("square root", evaluate_f32, function);

}  // namespace espalier::ops
