// hard_swish: y = x * min(max(x / 6 + 1/2, 0), 1).
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

// ONNX defines it by HardSigmoid with alpha = 1/6 in float32; the product and the sum are rounded each.
void evaluate_f32(const EvalArgs& args) {
  evaluate_each(args, [](float x) {
    const float product = (1.0f / 6.0f) * x;
    return x * clamp(product + 0.5f, 0.0f, 1.0f);
  });
}

double function(double x, const Node&) { return x * clamp(x / 6 + 0.5, 0.0, 1.0); }

}  // namespace

const OpSpec hard_swish = unary("x * min(max(x / 6 + 1/2, 0), 1)", evaluate_f32, function);

}  // namespace espalier::ops
