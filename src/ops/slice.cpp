// slice: of every dimension the elements begin, begin + step, ... short of end. A negative step runs backwards, down to
// element 0 with end = -1.
#include "ops/shapes.h"

namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  const TensorType& x = node.inputs[0]->type;
  const std::vector<int64_t> begin = node.integers("begin");
  const std::vector<int64_t> end = node.integers("end");
  const std::vector<int64_t> step = node.integers("step");
  const size_t rank = x.shape.size();
  if (begin.size() != rank || end.size() != rank || step.size() != rank)
    return error("begin, end and step need {} numbers each, they have {}, {} and {}", rank, begin.size(), end.size(),
                 step.size());
  TensorType output{x.type, {}};
  for (size_t d = 0; d < rank; ++d) {
    const int64_t extent = x.shape[d];
    const bool forward = step[d] > 0 && 0 <= begin[d] && begin[d] <= end[d] && end[d] <= extent;
    const bool backward = step[d] < 0 && -1 <= end[d] && end[d] <= begin[d] && begin[d] < extent;
    if (!forward && !backward)
      return error("dimension {} of extent {} cannot be cut from {} to {} in steps of {}", d, extent, begin[d], end[d],
                   step[d]);
    const int64_t length = end[d] - begin[d];
    output.shape.push_back(length / step[d] + (length % step[d] != 0));
  }
  return std::vector<TensorType>{output};
}

void evaluate_any(const EvalArgs& args) {
  std::vector<int64_t> strides = dense_strides(args.node.inputs[0]->shape());
  const std::vector<int64_t> begin = args.node.integers("begin");
  const std::vector<int64_t> step = args.node.integers("step");
  int64_t offset = 0;
  for (size_t d = 0; d < strides.size(); ++d) {
    offset += begin[d] * strides[d];
    // Where one element is kept, nobody steps, and a step of any size may stand there.
    strides[d] *= args.node.output()->shape()[d] > 1 ? step[d] : 0;
  }
  copy_strided(args.inputs[0], args.outputs[0], size_bytes(args.node.output()->type.type), args.node.output()->shape(),
               offset, strides);
}

Attributes attributes_before_transpose(const Node& node, const std::vector<int64_t>& permutation) {
  Attributes attributes;
  for (const char* name : {"begin", "end", "step"}) attributes[name] = permuted_back(node.integers(name), permutation);
  return attributes;
}

}  // namespace

const OpSpec slice = {
    .summary = "every step-th element from begin to end of each dimension",
    .inputs = {{"x", kAnyType}},
    .attributes = {{"begin", kIntegers, "first element of each dimension"},
                   {"end", kIntegers,
                    "one past the last element of each dimension, -1 for a backward step to element 0"},
                   {"step", kIntegers, "distance of kept elements, not 0"}},
    .infer = infer,
    .evaluate = {{kAnyType, evaluate_any}},
    .integer = IntegerRule::keep_scale,
    .attributes_before_transpose = attributes_before_transpose,
};

}  // namespace espalier::ops
