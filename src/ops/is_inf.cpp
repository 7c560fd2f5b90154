// is_inf: y is true where x is infinite, of the signs asked for.
#include <cmath>

#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  return std::vector<TensorType>{{DataType::boolean, node.inputs[0]->shape()}};
}

void evaluate_f32(const EvalArgs& args) {
  const bool negative = args.node.integer("detect_negative", 1) != 0;
  const bool positive = args.node.integer("detect_positive", 1) != 0;
  const int64_t count = element_count(args.node.output()->shape());
  for (int64_t i = 0; i < count; ++i) {
    const float x = args.in<float>(0)[i];
    args.out<bool>()[i] = std::isinf(x) && (x < 0 ? negative : positive);
  }
}

}  // namespace

const OpSpec is_inf = {
    .summary = "true where x is infinite",
    .inputs = {{"x", kF32}},
    .attributes = {{"detect_negative", kInteger, "0: not for minus infinity, default 1"},
                   {"detect_positive", kInteger, "0: not for plus infinity, default 1"}},
    .infer = infer,
    .evaluate = {{kF32, evaluate_f32}},
    .attributes_before_transpose = same_attributes,
};

}  // namespace espalier::ops
