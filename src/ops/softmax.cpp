// softmax: y = exp(x - max) / sum of exp(x - max), over the last dimension.
#include <algorithm>

#include "numerics/elementary.h"
#include "numerics/reductions.h"
#include "numerics/tables.h"
#include "ops/shapes.h"

namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  const TensorType& type = node.inputs[0]->type;
  if (type.shape.empty() || type.shape.back() < 1)
    return error("a softmax needs a last dimension, the input is {}", espalier::to_string(type));
  return std::vector<TensorType>{type};
}

void evaluate_f32(const EvalArgs& args) {
  const int64_t size = args.node.inputs[0]->shape().back();
  const int64_t rows = element_count(args.node.inputs[0]->shape()) / size;
  for (int64_t row = 0; row < rows; ++row) {
    const float* x = args.in<float>(0) + row * size;
    float* y = args.out<float>() + row * size;
    const float largest = *std::max_element(x, x + size);
    for (int64_t i = 0; i < size; ++i) y[i] = exp_f32(x[i] - largest);
    const float sum = sum_f32(y, size);
    for (int64_t i = 0; i < size; ++i) y[i] /= sum;
  }
}

// softmax_element of numerics/reductions.h over the table of the input's scale; the zero point cancels.
void evaluate_s8(const EvalArgs& args) {
  const Value& output = *args.node.output();
  const int64_t size = output.shape().back();
  const int64_t rows = element_count(output.shape()) / size;
  const std::array<uint32_t, 256> table = softmax_table(args.node.inputs[0]->scale());
  for (int64_t row = 0; row < rows; ++row) {
    const int8_t* x = args.in<int8_t>(0) + row * size;
    int8_t* y = args.out<int8_t>() + row * size;
    const int32_t largest = *std::max_element(x, x + size);
    const auto exponential = [&](int64_t i) { return table[static_cast<size_t>(largest - x[i])]; };
    int64_t sum = 0;
    for (int64_t i = 0; i < size; ++i) sum += exponential(i);
    const float denominator = softmax_denominator(sum, output.scale());
    for (int64_t i = 0; i < size; ++i) y[i] = softmax_element(exponential(i), denominator, output.zero_point());
  }
}

}  // namespace

const OpSpec softmax = {
    .summary = "exp(x - max) / sum of exp(x - max) over the last dimension",
    .inputs = {{"x", kF32 | kS8}},
    .infer = infer,
    .evaluate = {{kF32, evaluate_f32}, {kS8, evaluate_s8}},
    .integer = IntegerRule::rescale_first,
};

}  // namespace espalier::ops
