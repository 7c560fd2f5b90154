// ceil: the smallest whole number that is not below x.
#include <cmath>

#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

void evaluate_f32(const EvalArgs& args) {
  evaluate_each(args, [](float x) { return std::ceil(x); });
}

double function(double x, const Node&) { return std::ceil(x); }

}  // namespace

const OpSpec ceil = unary("smallest whole number not below x", evaluate_f32, function);

}  // namespace espalier::ops
