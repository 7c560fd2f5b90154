// floor: the largest whole number that is not above x.
#include <cmath>

#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

void evaluate_f32(const EvalArgs& args) {
  evaluate_each(args, [](float x) { return std::floor(x); });
}

double function(double x, const Node&) { return std::floor(x); }

}  // namespace

const OpSpec floor = unary("largest whole number not above x", evaluate_f32, function);

}  // namespace espalier::ops
