// softmax: y = exp(x - max) / sum of exp(x - max), over the last dimension.
#include <algorithm>

#include "numerics/elementary.h"
#include "numerics/reductions.h"
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

}  // namespace

const OpSpec softmax = {
    .summary = "exp(x - max) / sum of exp(x - max) over the last dimension",
    .inputs = {{"x", kF32}},
    .infer = infer,
    .evaluate = {{kF32, evaluate_f32}},
};

}  // namespace espalier::ops
