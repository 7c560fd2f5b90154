// prelu: y = x for x >= 0, slope * x below, with a slope that broadcasts over x (one per channel as a rule).
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  const TensorType& x = node.inputs[0]->type;
  const Shape& slope = node.inputs[1]->shape();
  if (TRY(broadcast_shapes(x.shape, slope)) != x.shape)
    return error("the slope {} does not broadcast over {}", espalier::to_string(slope), espalier::to_string(x.shape));
  return std::vector<TensorType>{x};
}

template <class T, class Function>
void evaluate_with_slope(const EvalArgs& args, Function function) {
  const Shape& shape = args.node.output()->shape();
  const std::vector<int64_t> slopes = broadcast_strides(args.node.inputs[1]->shape(), shape);
  for_each_pair(shape, slopes, slopes, [&](int64_t index, int64_t slope, int64_t) {
    args.out<T>()[index] = function(args.in<T>(0)[index], args.in<float>(1)[slope]);
  });
}

void evaluate_f32(const EvalArgs& args) {
  evaluate_with_slope<float>(args, [](float x, float slope) { return x < 0 ? slope * x : x; });
}

// q = saturate(round_half_even(float32(q_x - z_x) * m) + z_y), m = s_x / s_y for q_x >= z_x and (s_x / s_y) * slope
// below, every step rounded to float32.
void evaluate_s8(const EvalArgs& args) {
  const Value& x = *args.node.inputs[0];
  const Value& y = *args.node.output();
  const float multiplier = x.scale() / y.scale();
  evaluate_with_slope<int8_t>(args, [&](int8_t q, float slope) {
    const int32_t difference = q - x.zero_point();
    return requantize(difference, difference < 0 ? multiplier * slope : multiplier, y.zero_point());
  });
}

// "its slope is computed while it runs"
Reason has_constant_slope(const Node& node) {
  if (!node.inputs[1]->is_constant()) return reason("its slope is computed while it runs");
  return kApplies;
}

}  // namespace

const OpSpec prelu = {
    .summary = "x for x >= 0, slope * x below, with a slope that broadcasts",
    .inputs = {{"x", kF32 | kS8}, {"slope", kF32}},
    .infer = infer,
    .evaluate = {{kF32, evaluate_f32}, {kS8, evaluate_s8}},
    .integer = IntegerRule::rescale_first,
    .integer_when = has_constant_slope,
    .attributes_before_transpose = same_attributes,
};

}  // namespace espalier::ops
