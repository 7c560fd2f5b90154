// celu: y = x for x >= 0, alpha * (exp(x / alpha) - 1) below; in float64, rounded once.
#include "numerics/elementary.h"
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

double celu_f64(double x, const Node& node) {
  const double alpha = double{node.real("alpha", 1.0f)};
  return x >= 0 || x != x ? x : alpha * (exp_f64(x / alpha) - 1);
}

void evaluate_f32(const EvalArgs& args) {
  evaluate_each(args, [&](float x) { return static_cast<float>(celu_f64(x, args.node)); });
}

double function(double x, const Node& node) { return celu_f64(x, node); }

}  // namespace

const OpSpec celu =
    unary("x for x >= 0, alpha * (exp(x / alpha) - 1) below", evaluate_f32, function, {{"alpha", kReal, "default 1"}});

}  // namespace espalier::ops
