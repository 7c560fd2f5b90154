// The place of an extreme element along one axis, which stays with extent 1: what arg_max and arg_min share.
#pragma once

#include "ops/elementwise.h"

namespace espalier::ops {

Result<std::vector<TensorType>> infer_extreme_index(const Node& node);

// `is_better(a, b)`: a takes the place of b. The first of equal elements wins, the last where `last` is 1.
template <class T, class Better>
void evaluate_extreme_index(const EvalArgs& args, Better is_better) {
  const Shape& shape = args.node.inputs[0]->shape();
  const auto axis = static_cast<size_t>(args.node.integer("axis"));
  const bool takes_last = args.node.integer("last") != 0;
  const int64_t stride = dense_strides(shape)[axis];
  const int64_t extent = shape[axis];
  const int64_t count = element_count(args.node.output()->shape());
  for (int64_t i = 0; i < count; ++i) {
    const T* x = args.in<T>(0) + i / stride * stride * extent + i % stride;
    int64_t best = 0;
    for (int64_t at = 1; at < extent; ++at)
      if (is_better(x[at * stride], x[best * stride]) || (takes_last && !is_better(x[best * stride], x[at * stride])))
        best = at;
    args.out<int64_t>()[i] = best;
  }
}

inline const std::vector<AttributeSpec> kExtremeIndexAttributes = {
    {"axis", kInteger, "the dimension that is searched, from 0"},
    {"last", kInteger, "1: the last of equal elements; default 0, the first"},
};

}  // namespace espalier::ops
