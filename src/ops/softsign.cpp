// softsign: y = x / (1 + |x|).
#include <cmath>

#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

void evaluate_f32(const EvalArgs& args) {
  evaluate_each(args, [](float x) { return x / (1.0f + std::abs(x)); });
}

double function(double x, const Node&) { return x / (1.0 + std::abs(x)); }

}  // namespace

const OpSpec softsign = unary("x / (1 + |x|)", evaluate_f32, function);

}  // namespace espalier::ops
