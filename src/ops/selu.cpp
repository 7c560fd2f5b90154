// selu: y = gamma * x for x > 0, gamma * alpha * (exp(x) - 1) below; in float64, rounded once.
#include "numerics/elementary.h"
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

double selu_f64(double x, const Node& node) {
  const double gamma = double{node.real("gamma", 1.05070102f)};
  return x > 0 || x != x ? gamma * x : gamma * double{node.real("alpha", 1.67326319f)} * (exp_f64(x) - 1);
}

void evaluate_f32(const EvalArgs& args) {
  evaluate_each(args, [&](float x) { return static_cast<float>(selu_f64(x, args.node)); });
}

double function(double x, const Node& node) { return selu_f64(x, node); }

}  // namespace

const OpSpec selu = unary("gamma * x for x > 0, gamma * alpha * (exp(x) - 1) below", evaluate_f32, function,
                          {{"alpha", kReal, "default 1.67326319"}, {"gamma", kReal, "default 1.05070102"}});

}  // namespace espalier::ops
