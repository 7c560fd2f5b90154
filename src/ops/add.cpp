// add: y = activation(a + b) with numpy broadcasting.
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  TRY_STATUS(check_activation(node));
  if (node.has("activation") && is_one_of(node.inputs[0]->type.type, kIntegerNumbers))
    return error("an activation works on reals and their integers, not on {}", name(node.inputs[0]->type.type));
  return broadcast_inputs(node);
}

void evaluate_f32(const EvalArgs& args) {
  const Clamp activation = activation_of(args.node);
  evaluate_pairs<float>(args, [activation](float a, float b) { return activation(a + b); });
}

template <class T>
struct Each {
  static void run(const EvalArgs& args) { evaluate_pairs<T>(args, sum_of<T>); }
};

// q = clamp(round_half_even((qa - za) * (sa / sy) + (qb - zb) * (sb / sy)) + zy): both quotients, both products and the
// sum are rounded to float32 each, in this order.
void evaluate_s8(const EvalArgs& args) {
  const Value& a = *args.node.inputs[0];
  const Value& b = *args.node.inputs[1];
  const Value& y = *args.node.output();
  const float multiplier_a = a.scale() / y.scale();
  const float multiplier_b = b.scale() / y.scale();
  const OutputRange range = integer_activation_of(args.node);
  evaluate_pairs<int8_t>(args, [&](int8_t qa, int8_t qb) {
    const float real_a = static_cast<float>(qa - a.zero_point()) * multiplier_a;
    const float real_b = static_cast<float>(qb - b.zero_point()) * multiplier_b;
    return static_cast<int8_t>(clamp(round_to_int(real_a + real_b) + y.zero_point(), range.min, range.max));
  });
}

}  // namespace

const OpSpec add = {
    .summary = "a + b with broadcasting and activation",
    .inputs = {{"a", kNumbers | kS8}, {"b", kNumbers | kS8}},
    .attributes = kActivationAttributes,
    .infer = infer,
    .evaluate = with_meanings({{kF32, evaluate_f32}, {kS8, evaluate_s8}}, for_integers<Each>()),
    .integer = IntegerRule::rescale,
    .attributes_before_transpose = same_attributes,
};

}  // namespace espalier::ops
