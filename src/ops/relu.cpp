// relu: y = max(x, 0). Output has the shape and type of the input.
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

void evaluate_f32(const EvalArgs& args) {
  evaluate_each(args, [](float x) { return x < 0 ? 0 : x; });
}

template <class T>
struct Each {
  static void run(const EvalArgs& args) {
    evaluate_each_integer<T>(args, [](T x) { return x < 0 ? T(0) : x; });
  }
};

double function(double x, const Node&) { return x < 0 ? 0 : x; }

}  // namespace

const OpSpec relu = unary("max(x, 0)", evaluate_f32, function, {}, for_integers<Each>());

}  // namespace espalier::ops
