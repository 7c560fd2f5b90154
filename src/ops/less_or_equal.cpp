// less_or_equal: y = 1 where a is at most b, with numpy broadcasting; NaN compares as false.
#include "ops/compare.h"

namespace espalier::ops {
namespace {

template <class T>
struct Each {
  static void run(const EvalArgs& args) {
    evaluate_comparison<T>(args, [](T a, T b) { return a <= b; });
  }
};

}  // namespace

const OpSpec less_or_equal = comparison<Each>("1 where a is at most b, with broadcasting");

}  // namespace espalier::ops
