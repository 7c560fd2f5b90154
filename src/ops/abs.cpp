// abs: y = |x|.
#include <cmath>

#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

void evaluate_f32(const EvalArgs& args) {
  evaluate_each(args, [](float x) { return std::abs(x); });
}

template <class T>
struct Each {
  static void run(const EvalArgs& args) {
    evaluate_each_integer<T>(args, [](T x) { return x < 0 ? difference_of<T>(0, x) : x; });
  }
};

double function(double x, const Node&) { return std::abs(x); }

}  // namespace

const OpSpec abs = unary("|x|", evaluate_f32, function, {}, for_integers<Each>());

}  // namespace espalier::ops
