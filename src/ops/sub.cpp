// sub: y = a - b with numpy broadcasting.
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

void evaluate_f32(const EvalArgs& args) {
  evaluate_pairs<float>(args, [](float a, float b) { return a - b; });
}

template <class T>
struct Each {
  static void run(const EvalArgs& args) { evaluate_pairs<T>(args, difference_of<T>); }
};

// As add, with the second product subtracted.
void evaluate_s8(const EvalArgs& args) {
  const Value& a = *args.node.inputs[0];
  const Value& b = *args.node.inputs[1];
  const Value& y = *args.node.output();
  const float multiplier_a = a.scale() / y.scale();
  const float multiplier_b = b.scale() / y.scale();
  evaluate_pairs<int8_t>(args, [&](int8_t qa, int8_t qb) {
    const float real_a = static_cast<float>(qa - a.zero_point()) * multiplier_a;
    const float real_b = static_cast<float>(qb - b.zero_point()) * multiplier_b;
    return saturate_s8(round_to_int(real_a - real_b) + y.zero_point());
  });
}

}  // namespace

const OpSpec sub = {
    .summary = "a - b with broadcasting",
    .inputs = {{"a", kNumbers | kS8}, {"b", kNumbers | kS8}},
    .infer = broadcast_inputs,
    .evaluate = with_meanings({{kF32, evaluate_f32}, {kS8, evaluate_s8}}, for_integers<Each>()),
    .integer = IntegerRule::rescale,
    .attributes_before_transpose = same_attributes,
};

}  // namespace espalier::ops
