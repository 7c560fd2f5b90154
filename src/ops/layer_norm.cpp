// layer_norm: y = (x - mean) / sqrt(variance + epsilon) * scale + bias, over the last dimension.
#include <cmath>

#include "numerics/reductions.h"
#include "ops/shapes.h"

namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  const TensorType& x = node.inputs[0]->type;
  if (x.shape.empty() || x.shape.back() < 1 || x.shape.back() >= int64_t{1} << 24)
    return error("it normalises the last dimension, 1 to {} elements; the input is {}", (int64_t{1} << 24) - 1,
                 espalier::to_string(x));
  for (size_t i = 1; i < 3; ++i)
    if (node.input(i) != nullptr && node.input(i)->shape() != Shape{x.shape.back()})
      return error("its {} is {}, {} elements are needed", i == 1 ? "scale" : "bias",
                   espalier::to_string(node.input(i)->type), x.shape.back());
  const float epsilon = node.real("epsilon", 1e-5f);
  if (!(epsilon >= 0) || std::isinf(epsilon)) return error("epsilon is {}; it must be 0 or more", epsilon);
  return std::vector<TensorType>{x};
}

// Each step rounded to float32: difference, product with 1 / deviation, with the scale, sum with the bias.
void evaluate_f32(const EvalArgs& args) {
  const int64_t size = args.node.inputs[0]->shape().back();
  const int64_t rows = element_count(args.node.inputs[0]->shape()) / size;
  const float epsilon = args.node.real("epsilon", 1e-5f);
  const float* scale = args.in<float>(1);
  const float* bias = args.in<float>(2);
  for (int64_t row = 0; row < rows; ++row) {
    const float* x = args.in<float>(0) + row * size;
    float* y = args.out<float>() + row * size;
    const RowMoments moments = moments_of_floats(x, size, epsilon);
    for (int64_t i = 0; i < size; ++i) {
      const float normalized = (x[i] - moments.mean) * moments.inverse_deviation;
      const float scaled = scale == nullptr ? normalized : normalized * scale[i];
      y[i] = bias == nullptr ? scaled : scaled + bias[i];
    }
  }
}

// layer_norm_element of numerics/reductions.h: scale and bias are real and divided by the output's scale first.
void evaluate_s8(const EvalArgs& args) {
  const Value& input = *args.node.inputs[0];
  const Value& output = *args.node.output();
  const int64_t size = input.shape().back();
  const int64_t rows = element_count(input.shape()) / size;
  const float epsilon = epsilon_in_integers(args.node.real("epsilon", 1e-5f), input.scale());
  const float* scale = args.in<float>(1);
  const float* bias = args.in<float>(2);
  for (int64_t row = 0; row < rows; ++row) {
    const int8_t* x = args.in<int8_t>(0) + row * size;
    int8_t* y = args.out<int8_t>() + row * size;
    int64_t sum = 0;
    int64_t sum_of_squares = 0;
    for (int64_t i = 0; i < size; ++i) {
      sum += x[i];
      sum_of_squares += x[i] * x[i];
    }
    const RowMoments moments = moments_of_integers(sum, sum_of_squares, size, epsilon);
    for (int64_t i = 0; i < size; ++i) {
      const float gamma = (scale == nullptr ? 1.0f : scale[i]) / output.scale();
      const float beta = (bias == nullptr ? 0.0f : bias[i]) / output.scale();
      y[i] = layer_norm_element(x[i], moments, gamma, beta, output.zero_point());
    }
  }
}

}  // namespace

const OpSpec layer_norm = {
    .summary = "the last dimension to mean 0 and deviation 1, then scaled and shifted",
    .inputs = {{"x", kF32 | kS8}, {"scale", kF32, true}, {"bias", kF32, true}},
    .attributes = {{"epsilon", kReal, "added to the variance, default 1e-5"}},
    .infer = infer,
    .evaluate = {{kF32, evaluate_f32}, {kS8, evaluate_s8}},
    .integer = IntegerRule::rescale_first,
};

}  // namespace espalier::ops
