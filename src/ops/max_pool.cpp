// max_pool: the largest element under each window of an NHWC map. Padding is never the largest.
#include <limits>

#include "ops/activation.h"
#include "ops/pool.h"

namespace espalier::ops {
namespace {

template <class T>
void evaluate_typed(const EvalArgs& args) {
  const Pool pool = pool_of(args.node).value();
  const T* x = args.in<T>(0);
  for_each_pooled(pool, [&](int64_t index, int64_t n, int64_t row, int64_t column, int64_t c) {
    T largest = std::numeric_limits<T>::lowest();
    for_each_tap(pool, n, row, column, c, [&](int64_t i) { largest = x[i] > largest ? x[i] : largest; });
    args.out<T>()[index] = largest;
  });
}

}  // namespace

const OpSpec max_pool = {
    .summary = "largest element under each window of an NHWC map",
    .inputs = {{"x", kF32 | kS8}},
    .attributes = joined({{"kernel", kIntegers, "taps [y, x]"}}, kWindowAttributes),
    .infer = infer_pool,
    .evaluate = {{kF32, evaluate_typed<float>}, {kS8, evaluate_typed<int8_t>}},
    .integer = IntegerRule::keep_scale,
};

}  // namespace espalier::ops
