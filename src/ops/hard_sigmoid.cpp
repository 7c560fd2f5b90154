// hard_sigmoid: y = min(max(alpha * x + beta, 0), 1).
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

// The product and the sum are rounded to float32 each.
void evaluate_f32(const EvalArgs& args) {
  const float alpha = args.node.real("alpha", 0.2f);
  const float beta = args.node.real("beta", 0.5f);
  evaluate_each(args, [alpha, beta](float x) {
    const float product = alpha * x;
    return clamp(product + beta, 0.0f, 1.0f);
  });
}

double function(double x, const Node& node) {
  return clamp(double{node.real("alpha", 0.2f)} * x + double{node.real("beta", 0.5f)}, 0.0, 1.0);
}

}  // namespace

const OpSpec hard_sigmoid = unary("min(max(alpha * x + beta, 0), 1)", evaluate_f32, function,
                                  {{"alpha", kReal, "slope, default 0.2"}, {"beta", kReal, "offset, default 0.5"}});

}  // namespace espalier::ops
