// scatter_elements: x with single elements replaced, or combined with updates, along one axis, in index order.
#include "ops/elementwise.h"
#include "ops/indices.h"

namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  const TensorType& x = node.inputs[0]->type;
  const Shape& indices = node.inputs[1]->shape();
  const TensorType& updates = node.inputs[2]->type;
  const int64_t axis = node.integer("axis");
  if (axis < 0 || axis >= static_cast<int64_t>(x.shape.size()))
    return error("axis {} is outside of {} dimensions", axis, x.shape.size());
  if (updates != TensorType{x.type, indices})
    return error("the updates are {}, {} is needed", espalier::to_string(updates),
                 espalier::to_string(TensorType{x.type, indices}));
  if (indices.size() != x.shape.size())
    return error("the indices have {} dimensions, the input {}", indices.size(), x.shape.size());
  for (size_t d = 0; d < indices.size(); ++d)
    if (static_cast<int64_t>(d) != axis && indices[d] > x.shape[d])
      return error("the indices {} reach outside of {}", espalier::to_string(indices), espalier::to_string(x.shape));
  TRY_STATUS(check_indices(*node.inputs[1], x.shape[static_cast<size_t>(axis)]));
  TRY(combine_of(node));
  return std::vector<TensorType>{x};
}

template <class T>
struct Each {
  static void run(const EvalArgs& args) {
    const Shape& x = args.node.inputs[0]->shape();
    const auto axis = static_cast<size_t>(args.node.integer("axis"));
    const Combine combine = combine_of(args.node).value();
    T* y = args.out<T>();
    std::copy_n(args.in<T>(0), element_count(x), y);
    const int64_t stride = dense_strides(x)[axis];
    std::vector<int64_t> others = dense_strides(x);
    others[axis] = 0;
    for_each_pair(args.node.inputs[1]->shape(), others, others, [&](int64_t index, int64_t base, int64_t) {
      T& to = y[base + index_inside(args.in<int64_t>(1)[index], x[axis]) * stride];
      to = combined(combine, to, args.in<T>(2)[index]);
    });
  }
};

}  // namespace

const OpSpec scatter_elements = {
    .summary = "x with single elements replaced along an axis",
    .inputs = {{"x", kNumbers}, {"indices", kS64}, {"updates", kNumbers}},
    .attributes = {{"axis", kInteger, "the dimension that is indexed, from 0"}, kReductionAttribute},
    .infer = infer,
    .evaluate = for_numbers<Each>(),
};

}  // namespace espalier::ops
