// scatter_nd: x with slices replaced, or combined with updates, where tuples of indices point, in index order.
#include "ops/elementwise.h"
#include "ops/indices.h"

namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  const TensorType& x = node.inputs[0]->type;
  const Shape& indices = node.inputs[1]->shape();
  const Tuples tuples = TRY(tuples_of(*node.inputs[0], *node.inputs[1], 0));
  TensorType wanted{x.type, Shape(indices.begin(), indices.end() - 1)};
  wanted.shape.insert(wanted.shape.end(), x.shape.begin() + static_cast<std::ptrdiff_t>(tuples.depth), x.shape.end());
  if (node.inputs[2]->type != wanted)
    return error("the updates are {}, {} is needed", espalier::to_string(node.inputs[2]->type),
                 espalier::to_string(wanted));
  TRY(combine_of(node));
  return std::vector<TensorType>{x};
}

template <class T>
struct Each {
  static void run(const EvalArgs& args) {
    const Shape& x = args.node.inputs[0]->shape();
    const auto depth = static_cast<size_t>(args.node.inputs[1]->shape().back());
    const Combine combine = combine_of(args.node).value();
    const std::vector<int64_t> strides = dense_strides(x);
    T* y = args.out<T>();
    std::copy_n(args.in<T>(0), element_count(x), y);
    const int64_t run = strides[depth - 1];
    const int64_t count = element_count(args.node.inputs[1]->shape()) / static_cast<int64_t>(depth);
    for (int64_t i = 0; i < count; ++i) {
      T* to = y + offset_of_tuple(args.in<int64_t>(1) + i * static_cast<int64_t>(depth), depth, x, strides);
      for (int64_t at = 0; at < run; ++at) to[at] = combined(combine, to[at], args.in<T>(2)[i * run + at]);
    }
  }
};

}  // namespace

const OpSpec scatter_nd = {
    .summary = "x with slices replaced where tuples of indices point",
    .inputs = {{"x", kNumbers}, {"indices", kS64}, {"updates", kNumbers}},
    .attributes = {kReductionAttribute},
    .infer = infer,
    .evaluate = for_numbers<Each>(),
};

}  // namespace espalier::ops
