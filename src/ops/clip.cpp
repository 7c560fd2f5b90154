// clip: y = min(max(x, clip_min), clip_max). relu6 is clip from 0 to 6.
#include <limits>

#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

Clamp bounds(const Node& node) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  return {.min = node.real("clip_min", -kInfinity), .max = node.real("clip_max", kInfinity)};
}

// Where the lower bound lies above the upper one, runtimes differ on what the answer is.
Result<std::vector<TensorType>> infer(const Node& node) {
  const Clamp range = bounds(node);
  if (!(range.min <= range.max)) return error("clip from {} to {} is empty", range.min, range.max);
  return same_as_input(node);
}

void evaluate_f32(const EvalArgs& args) { evaluate_each(args, bounds(args.node)); }

double function(double x, const Node& node) {
  const Clamp range = bounds(node);
  return clamp(x, double{range.min}, double{range.max});
}

}  // namespace

const OpSpec clip = [] {
  OpSpec spec =
      unary("min(max(x, clip_min), clip_max)", evaluate_f32, function,
            {{"clip_min", kReal, "lower bound, default none"}, {"clip_max", kReal, "upper bound, default none"}});
  spec.infer = infer;
  return spec;
}();

}  // namespace espalier::ops
