// equal: y = 1 where a equals b, with numpy broadcasting; NaN compares as false.
#include "ops/compare.h"

namespace espalier::ops {
namespace {

template <class T>
struct Each {
  static void run(const EvalArgs& args) {
    evaluate_comparison<T>(args, [](T a, T b) { return a == b; });
  }
};

}  // namespace

const OpSpec equal = comparison<Each>("1 where a equals b, with broadcasting");

}  // namespace espalier::ops
