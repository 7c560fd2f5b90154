// sign: y = -1, 0 or 1; NaN stays.
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

template <class T>
T sign_of(T x) {
  return x > 0 ? T(1) : x < 0 ? T(-1) : x == 0 ? T(0) : x;
}

void evaluate_f32(const EvalArgs& args) { evaluate_each(args, sign_of<float>); }

template <class T>
struct Each {
  static void run(const EvalArgs& args) {
    evaluate_each_integer<T>(args, [](T x) { return sign_of(x); });
  }
};

double function(double x, const Node&) { return sign_of(x); }

}  // namespace

const OpSpec sign = unary("-1, 0 or 1", evaluate_f32, function, {}, for_integers<Each>());

}  // namespace espalier::ops
