// abs: y = |x|.
#include <cmath>

#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

void evaluate_f32(const EvalArgs& args) {
  evaluate_each(args, [](float x) { return std::abs(x); });
}

double function(double x, const Node&) { return std::abs(x); }

}  // namespace

const OpSpec abs = unary("|x|", evaluate_f32, function);

}  // namespace espalier::ops
