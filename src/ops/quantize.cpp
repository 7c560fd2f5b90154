// quantize: q = saturate(round_half_even(x / scale) + zero_point), with the scale and zero point of the output.
#include "numerics/quantize.h"

#include "ops/shapes.h"

namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  return std::vector<TensorType>{{DataType::s8, node.inputs[0]->shape()}};
}

void evaluate_f32(const EvalArgs& args) {
  const Value& output = *args.node.output();
  const int64_t count = element_count(output.shape());
  for (int64_t i = 0; i < count; ++i)
    args.out<int8_t>()[i] = quantize_s8(args.in<float>(0)[i], output.scale(), output.zero_point());
}

}  // namespace

const OpSpec quantize = {
    .summary = "real to integer with the output's scale and zero point",
    .inputs = {{"x", kF32}},
    .infer = infer,
    .evaluate = {{kF32, evaluate_f32}},
    .integer = IntegerRule::boundary,
    .attributes_before_transpose = same_attributes,
};

}  // namespace espalier::ops
