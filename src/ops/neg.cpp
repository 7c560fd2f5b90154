// neg: y = -x.
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

void evaluate_f32(const EvalArgs& args) {
  evaluate_each(args, [](float x) { return -x; });
}

template <class T>
struct Each {
  static void run(const EvalArgs& args) {
    evaluate_each_integer<T>(args, [](T x) { return difference_of<T>(0, x); });
  }
};

double function(double x, const Node&) { return -x; }

}  // namespace

const OpSpec neg = unary("-x", evaluate_f32, function, {}, for_integers<Each>());

}  // namespace espalier::ops
