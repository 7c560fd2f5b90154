// thresholded_relu: y = x for x > alpha, 0 up to it.
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

float alpha(const Node& node) { return node.real("alpha", 1.0f); }

void evaluate_f32(const EvalArgs& args) {
  evaluate_each(args, [a = alpha(args.node)](float x) { return x > a ? x : 0.0f; });
}

double function(double x, const Node& node) { return x > double{alpha(node)} ? x : 0; }

}  // namespace

const OpSpec thresholded_relu =
    unary("x for x > alpha, 0 up to it", evaluate_f32, function, {{"alpha", kReal, "default 1"}});

}  // namespace espalier::ops
