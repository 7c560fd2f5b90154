// div: y = a / b with numpy broadcasting; whole numbers round towards zero, and a division by zero gives zero.
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

void evaluate_f32(const EvalArgs& args) {
  evaluate_pairs<float>(args, [](float a, float b) { return a / b; });
}

template <class T>
struct Each {
  // b = -1 is apart because the lowest number has no negative.
  static T quotient(T a, T b) {
    if (b == 0) return 0;
    if (std::is_signed_v<T> && b == static_cast<T>(-1)) return difference_of<T>(0, a);
    return static_cast<T>(a / b);
  }
  static void run(const EvalArgs& args) { evaluate_pairs<T>(args, quotient); }
};

}  // namespace

const OpSpec div = {
    .summary = "a / b with broadcasting",
    .inputs = {{"a", kNumbers}, {"b", kNumbers}},
    .infer = broadcast_inputs,
    .evaluate = with_meanings({{kF32, evaluate_f32}}, for_integers<Each>()),
    .attributes_before_transpose = same_attributes,
};

}  // namespace espalier::ops
