// pow: y = a^b with numpy broadcasting: reals in float64, rounded once; whole numbers wrap.
#include <limits>

#include "numerics/elementary.h"
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

void evaluate_f32(const EvalArgs& args) { evaluate_pairs<float>(args, pow_f32); }

template <class T>
struct Each {
  // By squares. A negative exponent rounds 1 / a^-b towards zero; 1 / 0 is the smallest number, as a cast from infinity
  // makes it on x86-64.
  static T power(T a, T b) {
    if (std::is_signed_v<T> && b < 0) {
      if (a == 0) return std::numeric_limits<T>::min();
      if (a == 1) return 1;
      if (a == static_cast<T>(-1)) return static_cast<T>(b % 2 == 0 ? 1 : -1);
      return 0;
    }
    T result = 1;
    T square = a;
    for (auto rest = static_cast<uint64_t>(b); rest != 0; rest >>= 1) {
      if (rest & 1) result = product_of(result, square);
      square = product_of(square, square);
    }
    return result;
  }
  static void run(const EvalArgs& args) { evaluate_pairs<T>(args, power); }
};

}  // namespace

const OpSpec pow = {
    .summary = "a to the power of b with broadcasting",
    .inputs = {{"a", kNumbers}, {"b", kNumbers}},
    .infer = broadcast_inputs,
    .evaluate = with_meanings({{kF32, evaluate_f32}}, for_integers<Each>()),
    .attributes_before_transpose = same_attributes,
};

}  // namespace espalier::ops
