// min: y = the smaller of a and b with numpy broadcasting; NaN where one of them is.
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

template <class T>
struct Each {
  static void run(const EvalArgs& args) {
    evaluate_pairs<T>(args, [](T a, T b) { return a < b || a != a ? a : b; });
  }
};

}  // namespace

const OpSpec min = {
    .summary = "the smaller of a and b with broadcasting",
    .inputs = {{"a", kNumbers}, {"b", kNumbers}},
    .infer = broadcast_inputs,
    .evaluate = for_numbers<Each>(),
    .attributes_before_transpose = same_attributes,
};

}  // namespace espalier::ops
