// reduce_prod: the product over some axes, which stay with extent 1, in index order.
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace espalier::ops {
namespace {

template <class T>
struct Each {
  static void run(const EvalArgs& args) {
    const T* x = args.in<T>(0);
    for_each_row(args.node, [&](int64_t index, int64_t base, const std::vector<int64_t>& offsets) {
      T product = 1;
      for (const int64_t offset : offsets) product = product_of(product, x[base + offset]);
      args.out<T>()[index] = product;
    });
  }
};

}  // namespace

const OpSpec reduce_prod = {
    .summary = "product over axes, which stay with extent 1",
    .inputs = {{"x", kNumbers}},
    .attributes = kReduceAttributes,
    .infer = infer_reduced,
    .evaluate = for_numbers<Each>(),
    .attributes_before_transpose = reduced_before_transpose,
};

}  // namespace espalier::ops
