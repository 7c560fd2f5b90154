// mod: the rest of a / b with numpy broadcasting: with the sign of b, or with that of a where fmod is 1. Whole numbers
// divided by 0 give 0.
#include <cmath>

#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

template <class T>
struct Each {
  static T rest(T a, T b, bool takes_sign_of_a) {
    if constexpr (std::is_floating_point_v<T>) {
      // IEEE remainders are exact, so the library's fmod gives the same bits everywhere.
      const T rest = std::fmod(a, b);
      return takes_sign_of_a || rest == 0 || (rest < 0) == (b < 0) ? rest : rest + b;
    } else {
      if (b == 0 || (std::is_signed_v<T> && b == static_cast<T>(-1))) return 0;
      const T rest = static_cast<T>(a % b);
      return takes_sign_of_a || rest == 0 || (rest < 0) == (b < 0) ? rest : static_cast<T>(rest + b);
    }
  }
  static void run(const EvalArgs& args) {
    const bool takes_sign_of_a = args.node.integer("fmod") != 0;
    evaluate_pairs<T>(args, [&](T a, T b) { return rest(a, b, takes_sign_of_a); });
  }
};

}  // namespace

const OpSpec mod = {
    .summary = "the rest of a / b with broadcasting",
    .inputs = {{"a", kNumbers}, {"b", kNumbers}},
    .attributes = {{"fmod", kInteger, "1: the rest has the sign of a; default 0, that of b"}},
    .infer = broadcast_inputs,
    .evaluate = for_numbers<Each>(),
    .attributes_before_transpose = same_attributes,
};

}  // namespace espalier::ops
