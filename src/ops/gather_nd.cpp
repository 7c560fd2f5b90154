// gather_nd: slices of x, chosen by tuples of indices in the last dimension of the indices.
#include <cstring>

#include "ops/indices.h"

namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  const TensorType& x = node.inputs[0]->type;
  const Shape& indices = node.inputs[1]->shape();
  const Tuples tuples = TRY(tuples_of(*node.inputs[0], *node.inputs[1], node.integer("batch_dims")));
  TensorType output{x.type, Shape(indices.begin(), indices.end() - 1)};
  output.shape.insert(output.shape.end(),
                      x.shape.begin() + static_cast<std::ptrdiff_t>(tuples.batch_rank + tuples.depth), x.shape.end());
  return std::vector<TensorType>{output};
}

void evaluate_any(const EvalArgs& args) {
  const TensorType& x = args.node.inputs[0]->type;
  const Tuples tuples = tuples_of(*args.node.inputs[0], *args.node.inputs[1], args.node.integer("batch_dims")).value();
  int64_t batches = 1;
  for (size_t d = 0; d < tuples.batch_rank; ++d) batches *= x.shape[d];
  const Shape inner(x.shape.begin() + static_cast<std::ptrdiff_t>(tuples.batch_rank), x.shape.end());
  const std::vector<int64_t> strides = dense_strides(inner);
  int64_t run_bytes = size_bytes(x.type);
  for (size_t d = tuples.depth; d < inner.size(); ++d) run_bytes *= inner[d];
  const int64_t count = element_count(args.node.inputs[1]->shape()) / static_cast<int64_t>(tuples.depth);
  for (int64_t i = 0; i < count; ++i) {
    const int64_t batch = i / (count / batches);
    const int64_t offset =
        batch * element_count(inner) +
        offset_of_tuple(args.in<int64_t>(1) + i * static_cast<int64_t>(tuples.depth), tuples.depth, inner, strides);
    std::memcpy(args.out<char>() + i * run_bytes, args.in<char>(0) + offset * size_bytes(x.type),
                static_cast<size_t>(run_bytes));
  }
}

}  // namespace

const OpSpec gather_nd = {
    .summary = "slices chosen by tuples of indices",
    .inputs = {{"x", kAnyType}, {"indices", kS64}},
    .attributes = {{"batch_dims", kInteger, "leading dimensions that x and the indices share, default 0"}},
    .infer = infer,
    .evaluate = {{kAnyType, evaluate_any}},
    .integer = IntegerRule::keep_scale,
};

}  // namespace espalier::ops
