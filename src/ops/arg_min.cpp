// arg_min: the place of the smallest element along an axis, which stays with extent 1.
#include "ops/extreme_index.h"

namespace espalier::ops {
namespace {

template <class T>
struct Each {
  static void run(const EvalArgs& args) {
    evaluate_extreme_index<T>(args, [](T a, T b) { return a < b; });
  }
};

}  // namespace

const OpSpec arg_min = {
    .summary = "place of the smallest element along an axis, which stays with extent 1",
    .inputs = {{"x", kNumbers}},
    .attributes = kExtremeIndexAttributes,
    .infer = infer_extreme_index,
    .evaluate = for_numbers<Each>(),
};

}  // namespace espalier::ops
