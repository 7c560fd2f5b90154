// Weight quantization (quantize/quantize_weights.h).
#include "quantize/quantize_weights.h"

#include <algorithm>
#include <cmath>

#include "numerics/rounding.h"
#include "ops/scales.h"

namespace espalier::quantize {
namespace {

constexpr double kBiasMax = 1073741824.0;  // 2^30

// The floor of docs/arithmetic.md, section 2: a tiny weight beside a large bias would need a bias beyond 2^30.
float weight_scale(float weight_max, float bias, float input_scale) {
  float scale = weight_max / 127.0f;
  // The scale and its product with the input's are rounded to float32, 2^-24 of the value each: up to 128 of 2^30.
  const double floor = std::abs(double{bias}) / (kBiasMax - 256) / double{input_scale};
  if (double{scale} < floor) scale = std::nextafter(static_cast<float>(floor), INFINITY);
  return scale >= 0x1p-120f ? scale : 1.0f;  // a channel of zeros: any scale will do
}

}  // namespace

IntegerWeights quantize_weights(const Node& node, float input_scale) {
  const Tensor& real = node.inputs[1]->constant;
  const int64_t channels = real.shape()[0];
  const int64_t row = channels == 0 ? 0 : real.count() / channels;
  const float* bias = node.input(2) == nullptr ? nullptr : node.input(2)->constant.data<float>();
  IntegerWeights result{
      .weights = Tensor(DataType::s8, real.shape()), .bias = Tensor(DataType::s32, {channels}), .scales = {}};
  int8_t* weights = result.weights.mutable_data<int8_t>();
  int32_t* sums = result.bias.mutable_data<int32_t>();
  for (int64_t o = 0; o < channels; ++o) {
    const float* w = real.data<float>() + o * row;
    float largest = 0;
    for (int64_t i = 0; i < row; ++i) largest = std::max(largest, std::abs(w[i]));
    const float real_bias = bias == nullptr ? 0.0f : bias[o];
    const float scale = weight_scale(largest, real_bias, input_scale);
    result.scales.push_back(scale);
    for (int64_t i = 0; i < row; ++i)
      weights[o * row + i] = static_cast<int8_t>(clamp(round_to_int(w[i] / scale), -127, 127));
    const float bias_scale = input_scale * scale;
    sums[o] = static_cast<int32_t>(clamp(round_half_even(double{real_bias} / double{bias_scale}), -kBiasMax, kBiasMax));
  }
  return result;
}

}  // namespace espalier::quantize
