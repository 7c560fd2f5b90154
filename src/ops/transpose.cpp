// transpose: dimension d of the output is dimension permutation[d] of the input.
#include <algorithm>

#include "ops/shapes.h"

namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  const TensorType& x = node.inputs[0]->type;
  const std::vector<int64_t> permutation = node.integers("permutation");
  std::vector<int64_t> sorted = permutation;
  std::sort(sorted.begin(), sorted.end());
  bool valid = sorted.size() == x.shape.size();
  for (size_t i = 0; valid && i < sorted.size(); ++i) valid = sorted[i] == static_cast<int64_t>(i);
  if (!valid) return error("[{}] is no permutation of {} dimensions", fmt::join(permutation, ","), x.shape.size());
  TensorType output{x.type, {}};
  for (const int64_t from : permutation) output.shape.push_back(x.shape[static_cast<size_t>(from)]);
  return std::vector<TensorType>{output};
}

void evaluate_any(const EvalArgs& args) {
  const TensorType& x = args.node.inputs[0]->type;
  const std::vector<int64_t> dense = dense_strides(x.shape);
  std::vector<int64_t> strides;
  for (const int64_t from : args.node.integers("permutation")) strides.push_back(dense[static_cast<size_t>(from)]);
  copy_strided(args.inputs[0], args.outputs[0], size_bytes(x.type), args.node.output()->shape(), 0, strides);
}

}  // namespace

const OpSpec transpose = {
    .summary = "dimensions in another order",
    .inputs = {{"x", kAnyType}},
    .attributes = {{"permutation", kIntegers, "output dimension d is input dimension permutation[d]"}},
    .infer = infer,
    .evaluate = {{kAnyType, evaluate_any}},
    .integer = IntegerRule::keep_scale,
};

}  // namespace espalier::ops
