// mul: y = a * b with numpy broadcasting.
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

void evaluate_f32(const EvalArgs& args) {
  evaluate_pairs<float>(args, [](float a, float b) { return a * b; });
}

template <class T>
struct Each {
  static void run(const EvalArgs& args) { evaluate_pairs<T>(args, product_of<T>); }
};

// The product of the integers is exact, so it is a requantization with multiplier (sa * sb) / sy.
void evaluate_s8(const EvalArgs& args) {
  const Value& a = *args.node.inputs[0];
  const Value& b = *args.node.inputs[1];
  const Value& y = *args.node.output();
  const float multiplier = requantize_multiplier(a.scale(), b.scale(), y.scale());
  evaluate_pairs<int8_t>(args, [&](int8_t qa, int8_t qb) {
    return requantize((qa - a.zero_point()) * (qb - b.zero_point()), multiplier, y.zero_point());
  });
}

}  // namespace

const OpSpec mul = {
    .summary = "a * b with broadcasting",
    .inputs = {{"a", kNumbers | kS8}, {"b", kNumbers | kS8}},
    .infer = broadcast_inputs,
    .evaluate = with_meanings({{kF32, evaluate_f32}, {kS8, evaluate_s8}}, for_integers<Each>()),
    .integer = IntegerRule::product,
    .attributes_before_transpose = same_attributes,
};

}  // namespace espalier::ops
