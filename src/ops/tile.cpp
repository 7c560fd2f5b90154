// tile: x repeated along every dimension.
#include "ops/shapes.h"

namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  TensorType type = node.inputs[0]->type;
  const std::vector<int64_t> repeats = node.integers("repeats");
  if (repeats.size() != type.shape.size())
    return error("{} repeats are given for {} dimensions", repeats.size(), type.shape.size());
  for (size_t d = 0; d < repeats.size(); ++d)
    if (repeats[d] < 0 || __builtin_mul_overflow(type.shape[d], repeats[d], &type.shape[d]))
      return error("dimension {} cannot be repeated {} times", d, repeats[d]);
  return std::vector<TensorType>{type};
}

// Dimension d becomes [repeats, extent], of which x steps through the second only.
void evaluate_any(const EvalArgs& args) {
  const Shape& x = args.node.inputs[0]->shape();
  const std::vector<int64_t> repeats = args.node.integers("repeats");
  const std::vector<int64_t> dense = dense_strides(x);
  Shape shape;
  std::vector<int64_t> strides;
  for (size_t d = 0; d < x.size(); ++d) {
    shape.insert(shape.end(), {repeats[d], x[d]});
    strides.insert(strides.end(), {0, dense[d]});
  }
  copy_strided(args.inputs[0], args.outputs[0], size_bytes(args.node.output()->type.type), shape, 0, strides);
}

Attributes attributes_before_transpose(const Node& node, const std::vector<int64_t>& permutation) {
  return {{"repeats", permuted_back(node.integers("repeats"), permutation)}};
}

}  // namespace

const OpSpec tile = {
    .summary = "x repeated along every dimension",
    .inputs = {{"x", kAnyType}},
    .attributes = {{"repeats", kIntegers, "times, per dimension"}},
    .infer = infer,
    .evaluate = {{kAnyType, evaluate_any}},
    .integer = IntegerRule::keep_scale,
    .attributes_before_transpose = attributes_before_transpose,
};

}  // namespace espalier::ops
