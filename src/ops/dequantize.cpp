// dequantize: x = (q - zero_point) * scale, with the scale and zero point of the input.
#include "numerics/quantize.h"
#include "ops/shapes.h"

namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  return std::vector<TensorType>{{DataType::f32, node.inputs[0]->shape()}};
}

void evaluate_s8(const EvalArgs& args) {
  const Value& input = *args.node.inputs[0];
  const int64_t count = element_count(input.shape());
  for (int64_t i = 0; i < count; ++i)
    args.out<float>()[i] = espalier::dequantize(args.in<int8_t>(0)[i], input.scale(), input.zero_point());
}

}  // namespace

const OpSpec dequantize = {
    .summary = "integer to real with the input's scale and zero point",
    .inputs = {{"q", kS8}},
    .infer = infer,
    .evaluate = {{kS8, evaluate_s8}},
    .integer = IntegerRule::boundary,
    .attributes_before_transpose = same_attributes,
};

}  // namespace espalier::ops
