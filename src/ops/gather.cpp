// gather: slices of x along an axis, chosen by indices. A constant index must lie inside; a computed one counts from
// the end where it is negative, and what still lies outside takes the nearest.
#include <cstring>

#include "ops/indices.h"

namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  const TensorType& x = node.inputs[0]->type;
  const Value* indices = node.inputs[1];
  const int64_t axis = node.integer("axis");
  if (axis < 0 || axis >= static_cast<int64_t>(x.shape.size()))
    return error("axis {} is outside of {} dimensions", axis, x.shape.size());
  TRY_STATUS(check_indices(*indices, x.shape[static_cast<size_t>(axis)]));
  TensorType output{x.type, {x.shape.begin(), x.shape.begin() + axis}};
  output.shape.insert(output.shape.end(), indices->shape().begin(), indices->shape().end());
  output.shape.insert(output.shape.end(), x.shape.begin() + axis + 1, x.shape.end());
  return std::vector<TensorType>{output};
}

void evaluate_any(const EvalArgs& args) {
  const TensorType& x = args.node.inputs[0]->type;
  const auto axis = static_cast<size_t>(args.node.integer("axis"));
  int64_t outer = 1;
  int64_t run_bytes = size_bytes(x.type);
  for (size_t d = 0; d < x.shape.size(); ++d) {
    if (d < axis) outer *= x.shape[d];
    if (d > axis) run_bytes *= x.shape[d];
  }
  const int64_t count = element_count(args.node.inputs[1]->shape());
  char* y = args.out<char>();
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t i = 0; i < count; ++i, y += run_bytes)
      std::memcpy(
          y, args.in<char>(0) + (o * x.shape[axis] + index_inside(args.in<int64_t>(1)[i], x.shape[axis])) * run_bytes,
          static_cast<size_t>(run_bytes));
}

}  // namespace

const OpSpec gather = {
    .summary = "slices along an axis, chosen by indices",
    .inputs = {{"x", kAnyType}, {"indices", kS64}},
    .attributes = {{"axis", kInteger, "the dimension that is indexed, from 0"}},
    .infer = infer,
    .evaluate = {{kAnyType, evaluate_any}},
    .integer = IntegerRule::keep_scale,
};

}  // namespace espalier::ops
