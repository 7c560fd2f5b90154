// is_nan: y is true where x is no number.
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  return std::vector<TensorType>{{DataType::boolean, node.inputs[0]->shape()}};
}

void evaluate_f32(const EvalArgs& args) {
  const int64_t count = element_count(args.node.output()->shape());
  for (int64_t i = 0; i < count; ++i) args.out<bool>()[i] = args.in<float>(0)[i] != args.in<float>(0)[i];
}

}  // namespace

const OpSpec is_nan = {
    .summary = "true where x is no number",
    .inputs = {{"x", kF32}},
    .infer = infer,
    .evaluate = {{kF32, evaluate_f32}},
    .attributes_before_transpose = same_attributes,
};

}  // namespace espalier::ops
