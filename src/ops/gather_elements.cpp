// gather_elements: y has the shape of the indices; each index chooses along one axis, the other coordinates stay.
#include <cstring>

#include "ops/indices.h"

namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  const TensorType& x = node.inputs[0]->type;
  const Shape& indices = node.inputs[1]->shape();
  const int64_t axis = node.integer("axis");
  if (axis < 0 || axis >= static_cast<int64_t>(x.shape.size()))
    return error("axis {} is outside of {} dimensions", axis, x.shape.size());
  if (indices.size() != x.shape.size())
    return error("the indices have {} dimensions, the input {}", indices.size(), x.shape.size());
  for (size_t d = 0; d < indices.size(); ++d)
    if (static_cast<int64_t>(d) != axis && indices[d] > x.shape[d])
      return error("the indices {} reach outside of {}", espalier::to_string(indices), espalier::to_string(x.shape));
  TRY_STATUS(check_indices(*node.inputs[1], x.shape[static_cast<size_t>(axis)]));
  return std::vector<TensorType>{{x.type, indices}};
}

void evaluate_any(const EvalArgs& args) {
  const Shape& x = args.node.inputs[0]->shape();
  const auto axis = static_cast<size_t>(args.node.integer("axis"));
  const auto size = static_cast<size_t>(size_bytes(args.node.output()->type.type));
  const int64_t stride = dense_strides(x)[axis];
  std::vector<int64_t> others = dense_strides(x);
  others[axis] = 0;
  for_each_pair(args.node.output()->shape(), others, others, [&](int64_t index, int64_t base, int64_t) {
    const int64_t from = base + index_inside(args.in<int64_t>(1)[index], x[axis]) * stride;
    std::memcpy(args.out<char>() + static_cast<size_t>(index) * size,
                args.in<char>(0) + static_cast<size_t>(from) * size, size);
  });
}

}  // namespace

const OpSpec gather_elements = {
    .summary = "single elements along an axis, chosen by indices of the output's shape",
    .inputs = {{"x", kAnyType}, {"indices", kS64}},
    .attributes = {{"axis", kInteger, "the dimension that is indexed, from 0"}},
    .infer = infer,
    .evaluate = {{kAnyType, evaluate_any}},
    .integer = IntegerRule::keep_scale,
};

}  // namespace espalier::ops
