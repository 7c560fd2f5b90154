// leaky_relu: y = x for x >= 0, alpha * x below.
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

float alpha(const Node& node) { return node.real("alpha", 0.01f); }

void evaluate_f32(const EvalArgs& args) {
  evaluate_each(args, [slope = alpha(args.node)](float x) { return x < 0 ? slope * x : x; });
}

double function(double x, const Node& node) { return x < 0 ? double{alpha(node)} * x : x; }

}  // namespace

const OpSpec leaky_relu = unary("x for x >= 0, alpha * x below", evaluate_f32, function,
                                {{"alpha", kReal, "slope below zero, default 0.01"}});

}  // namespace espalier::ops
