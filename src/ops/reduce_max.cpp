// reduce_max: the largest element over some axes, which stay with extent 1; NaN where one of them is.
#include "ops/reduce.h"

namespace espalier::ops {
namespace {

template <class T>
struct Each {
  static void run(const EvalArgs& args) {
    evaluate_best<T>(args, [](T a, T b) { return a > b; });
  }
};

}  // namespace

const OpSpec reduce_max = selection("largest element over axes, which stay with extent 1", Each<float>::run,
                                    Each<int8_t>::run, for_integers<Each>());

}  // namespace espalier::ops
