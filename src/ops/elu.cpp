// elu: y = x for x >= 0, alpha * (exp(x) - 1) below; in float64, rounded once.
#include "numerics/elementary.h"
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

double alpha(const Node& node) { return double{node.real("alpha", 1.0f)}; }

double elu_f64(double x, double alpha) { return x >= 0 || x != x ? x : alpha * (exp_f64(x) - 1); }

void evaluate_f32(const EvalArgs& args) {
  evaluate_each(args, [a = alpha(args.node)](float x) { return static_cast<float>(elu_f64(x, a)); });
}

double function(double x, const Node& node) { return elu_f64(x, alpha(node)); }

}  // namespace

const OpSpec elu = unary("x for x >= 0, alpha * (exp(x) - 1) below", evaluate_f32, function,
                         {{"alpha", kReal, "limit below zero, default 1"}});

}  // namespace espalier::ops
