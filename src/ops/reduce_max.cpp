// reduce_max: the largest element over some axes, which stay with extent 1; NaN where one of them is.
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace espalier::ops {
namespace {

template <class T>
struct Each {
  static void run(const EvalArgs& args) {
    const T* x = args.in<T>(0);
    for_each_row(args.node, [&](int64_t index, int64_t base, const std::vector<int64_t>& offsets) {
      T best = x[base];
      for (const int64_t offset : offsets) {
        const T candidate = x[base + offset];
        if (candidate > best || candidate != candidate) best = candidate;
        if (best != best) break;
      }
      args.out<T>()[index] = best;
    });
  }
};

}  // namespace

// It selects elements, so integers of any scale keep theirs.
const OpSpec reduce_max = {
    .summary = "largest element over axes, which stay with extent 1",
    .inputs = {{"x", kNumbers | kS8}},
    .attributes = kReduceAttributes,
    .infer = infer_reduced,
    .evaluate = {{kF32, Each<float>::run},
                 {kS8, Each<int8_t>::run},
                 {kS64, Each<int64_t>::run},
                 {kS32, Each<int32_t>::run},
                 {kU8, Each<uint8_t>::run}},
    .integer = IntegerRule::keep_scale,
    .attributes_before_transpose = reduced_before_transpose,
};

}  // namespace espalier::ops
