// top_k: the k largest (or smallest) elements along an axis, best first, and their places. Of equal elements the first
// comes first; NaN comes last.
#include <algorithm>
#include <numeric>
#include <vector>

#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  TensorType type = node.inputs[0]->type;
  const int64_t axis = node.integer("axis");
  if (axis < 0 || axis >= static_cast<int64_t>(type.shape.size()))
    return error("axis {} is outside of {} dimensions", axis, type.shape.size());
  int64_t& extent = type.shape[static_cast<size_t>(axis)];
  const int64_t k = node.integer("k");
  if (k < 1 || k > extent) return error("k is {}, dimension {} has {} elements", k, axis, extent);
  extent = k;
  return std::vector<TensorType>{type, {DataType::s64, type.shape}};
}

template <class T>
struct Each {
  static void run(const EvalArgs& args) {
    const Shape& shape = args.node.inputs[0]->shape();
    const auto axis = static_cast<size_t>(args.node.integer("axis"));
    const bool takes_largest = args.node.integer("largest", 1) != 0;
    const int64_t k = args.node.integer("k");
    const int64_t stride = dense_strides(shape)[axis];
    std::vector<int64_t> order(static_cast<size_t>(shape[axis]));
    const int64_t row_count = element_count(shape) / shape[axis];
    for (int64_t row = 0; row < row_count; ++row) {
      const T* x = args.in<T>(0) + row / stride * stride * shape[axis] + row % stride;
      const int64_t to = row / stride * stride * k + row % stride;
      std::iota(order.begin(), order.end(), 0);
      std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
        const T xa = x[a * stride];
        const T xb = x[b * stride];
        if (xa != xa || xb != xb) return xa == xa;
        return takes_largest ? xa > xb : xa < xb;
      });
      for (int64_t i = 0; i < k; ++i) {
        args.out<T>(0)[to + i * stride] = x[order[static_cast<size_t>(i)] * stride];
        args.out<int64_t>(1)[to + i * stride] = order[static_cast<size_t>(i)];
      }
    }
  }
};

}  // namespace

const OpSpec top_k = {
    .summary = "the k best elements along an axis, and their places",
    .inputs = {{"x", kNumbers}},
    .attributes = {{"axis", kInteger, "the dimension that is searched, from 0"},
                   {"k", kInteger, "how many are kept"},
                   {"largest", kInteger, "0: the smallest are kept; default 1"}},
    .infer = infer,
    .evaluate = for_numbers<Each>(),
};

}  // namespace espalier::ops
