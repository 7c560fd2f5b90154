// Scales of operands by the operator's integer rule (ops/scales.h).
#include "ops/scales.h"

#include <cmath>
#include <cstdlib>

#include "ops/convolution.h"

namespace espalier::ops {
namespace {

Status check_one_scale(const Value& value) {
  if (!value.quantization || !value.quantization->per_tensor())
    return error("value {} is {} and needs one scale", value.name, espalier::to_string(value.type));
  return {};
}

// Weights have one scale, or one per output channel; the multipliers are indexed by it.
Status check_weight_scales(const Value& weights) {
  if (!weights.quantization || weights.quantization->axis > 0)
    return error("the weights {} need one scale, or one per output channel", espalier::to_string(weights.type));
  return {};
}

Status check_multiplier(float multiplier) {
  if (!std::isfinite(multiplier)) return error("its scales multiply to {}, which is not finite", multiplier);
  return {};
}

// "the sums of output channels fit 32 bits, whatever the input is"
Status check_sums(const Node& node) {
  const Value& weights = *node.inputs[1];
  const Value* bias = node.input(2);
  if (bias != nullptr && !bias->is_constant()) return error("its integer bias is computed; it must be constant");
  const int64_t channels = weights.shape()[0];
  const int64_t row = element_count(weights.shape()) / channels;
  for (int64_t channel = 0; channel < channels; ++channel) {
    const int64_t offset = bias == nullptr ? 0 : bias->constant.data<int32_t>()[channel];
    const int64_t bound = weights.is_constant() ? sum_bound(weights.constant.data<int8_t>() + channel * row, row,
                                                            weights.zero_point(), offset)
                                                : row * 255 * 255 + std::abs(offset);
    if (bound >= int64_t{1} << 31)
      return error("the sum of output channel {} could reach {}, and 32 bits end at {}", channel, bound,
                   int64_t{1} << 31);
  }
  return {};
}

Status check_product_sum(const Node& node) {
  TRY_STATUS(check_one_scale(*node.inputs[0]));
  TRY_STATUS(check_weight_scales(*node.inputs[1]));
  TRY_STATUS(check_one_scale(*node.output()));
  for (const float multiplier : requantize_multipliers(node, node.inputs[1]->shape()[0]))
    TRY_STATUS(check_multiplier(multiplier));
  return check_sums(node);
}

Status check_rescale(const Node& node) {
  for (const Value* input : node.inputs) TRY_STATUS(check_one_scale(*input));
  TRY_STATUS(check_one_scale(*node.output()));
  for (const Value* input : node.inputs) TRY_STATUS(check_multiplier(input->scale() / node.output()->scale()));
  return {};
}

Status check_rescale_first(const Node& node) {
  TRY_STATUS(check_one_scale(*node.inputs[0]));
  TRY_STATUS(check_one_scale(*node.output()));
  return check_multiplier(node.inputs[0]->scale() / node.output()->scale());
}

Status check_product(const Node& node) {
  TRY_STATUS(check_rescale(node));
  return check_multiplier(
      requantize_multiplier(node.inputs[0]->scale(), node.inputs[1]->scale(), node.output()->scale()));
}

// Elements that only move may be bytes without a scale; an output of another scale would change what they mean.
Status check_kept_scale(const Node& node, const OpSpec& spec) {
  const Value& x = *node.inputs[0];
  if (spec.inputs[0].types != kAnyType || x.quantization) TRY_STATUS(check_one_scale(x));
  if (node.output()->quantization != x.quantization)
    return error("its output must have the scale and zero point of its input");
  return {};
}

}  // namespace

Status check_scales(const Node& node) {
  if (node.inputs.empty()) return {};
  const OpSpec& spec = *find_op(node.op);
  const bool reads_integers = node.inputs[0]->type.type == DataType::s8;
  if (spec.integer == IntegerRule::boundary) return check_one_scale(reads_integers ? *node.inputs[0] : *node.output());
  if (!reads_integers) return {};
  switch (spec.integer) {
    case IntegerRule::product_sum: return check_product_sum(node);
    case IntegerRule::rescale:
    case IntegerRule::join: return check_rescale(node);
    case IntegerRule::rescale_first: return check_rescale_first(node);
    case IntegerRule::product: return check_product(node);
    case IntegerRule::keep_scale: return check_kept_scale(node, spec);
    case IntegerRule::table:
    case IntegerRule::boundary:
    case IntegerRule::none: return {};
  }
  return {};
}

int64_t sum_bound(const int8_t* weights, int64_t row, int32_t weight_zero, int64_t bias) {
  int64_t bound = std::abs(bias);
  for (int64_t i = 0; i < row; ++i) bound += int64_t{std::abs(weights[i] - weight_zero)} * 255;
  return bound;
}

}  // namespace espalier::ops
