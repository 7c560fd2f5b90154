// The sizes of a conv2d, read once from a node; the reference and the kernels use the same.
#pragma once

#include "ops/activation.h"
#include "ops/shapes.h"

namespace espalier::ops {

struct Convolution {
  int64_t batch = 0, height = 0, width = 0, input_channels = 0;
  int64_t output_height = 0, output_width = 0, output_channels = 0;
  int64_t groups = 1;
  Window window = {};

  int64_t group_input_channels() const { return input_channels / groups; }
  int64_t group_output_channels() const { return output_channels / groups; }
  bool is_depthwise() const { return groups > 1 && groups == input_channels && groups == output_channels; }
};
// An error says what does not fit.
Result<Convolution> convolution_of(const Node& node);

// Requantization multiplier of every output channel of a product sum with inputs x, w and the node's output.
std::vector<float> requantize_multipliers(const Node& node, int64_t channel_count);

}  // namespace espalier::ops
