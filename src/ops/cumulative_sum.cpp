// cumulative_sum: running sums along an axis, each added to the one before it.
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  const TensorType& type = node.inputs[0]->type;
  const int64_t axis = node.integer("axis");
  if (axis < 0 || axis >= static_cast<int64_t>(type.shape.size()))
    return error("axis {} is outside of {} dimensions", axis, type.shape.size());
  return std::vector<TensorType>{type};
}

template <class T>
struct Each {
  static void run(const EvalArgs& args) {
    const Shape& shape = args.node.inputs[0]->shape();
    const auto axis = static_cast<size_t>(args.node.integer("axis"));
    const bool leaves_own_out = args.node.integer("exclusive") != 0;
    const bool from_the_end = args.node.integer("reverse") != 0;
    const int64_t stride = dense_strides(shape)[axis];
    const int64_t extent = shape[axis];
    const int64_t rows = extent == 0 ? 0 : element_count(shape) / extent;
    for (int64_t row = 0; row < rows; ++row) {
      const int64_t base = row / stride * stride * extent + row % stride;
      T sum = 0;
      for (int64_t i = 0; i < extent; ++i) {
        const int64_t at = base + (from_the_end ? extent - 1 - i : i) * stride;
        const T with_own = sum_of(sum, args.in<T>(0)[at]);
        args.out<T>()[at] = leaves_own_out ? sum : with_own;
        sum = with_own;
      }
    }
  }
};

}  // namespace

const OpSpec cumulative_sum = {
    .summary = "running sums along an axis",
    .inputs = {{"x", kNumbers}},
    .attributes = {{"axis", kInteger, "the dimension that is summed, from 0"},
                   {"exclusive", kInteger, "1: a sum leaves its own element out; default 0"},
                   {"reverse", kInteger, "1: from the end; default 0"}},
    .infer = infer,
    .evaluate = for_numbers<Each>(),
};

}  // namespace espalier::ops
