// shrink: y = x + bias below -lambda, x - bias above lambda, 0 between.
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

template <class T>
T shrunk(T x, const Node& node) {
  const T lambda = node.real("lambda", 0.5f);
  const T bias = node.real("bias", 0.0f);
  return x < -lambda ? x + bias : x > lambda ? x - bias : T(0);
}

void evaluate_f32(const EvalArgs& args) {
  evaluate_each(args, [&](float x) { return shrunk(x, args.node); });
}

double function(double x, const Node& node) { return shrunk(x, node); }

}  // namespace

const OpSpec shrink = unary("x + bias below -lambda, x - bias above lambda, 0 between", evaluate_f32, function,
                            {{"lambda", kReal, "default 0.5"}, {"bias", kReal, "default 0"}});

}  // namespace espalier::ops
