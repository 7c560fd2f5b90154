// gelu: y = x * (1 + erf(x / sqrt(2))) / 2, or the approximation of it by tanh, rounded once from float64.
#include "numerics/elementary.h"
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

bool is_tanh(const Node& node) { return node.text("approximate", "none") == "tanh"; }

// x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3)))
double gelu_by_tanh(double x) {
  const double cubic = x + 0.044715 * x * x * x;
  return 0.5 * x * (1.0 + tanh_f64(0.79788456080286536 * cubic));
}

void evaluate_f32(const EvalArgs& args) {
  if (!is_tanh(args.node)) return evaluate_each(args, gelu_f32);
  evaluate_each(args, [](float x) { return static_cast<float>(gelu_by_tanh(double{x})); });
}

double function(double x, const Node& node) { return is_tanh(node) ? gelu_by_tanh(x) : gelu_f64(x); }

}  // namespace

const OpSpec gelu = unary("x * (1 + erf(x / sqrt(2))) / 2, or its approximation by tanh", evaluate_f32, function,
                          {{"approximate", kText, "\"none\" (default) or \"tanh\""}});

}  // namespace espalier::ops
