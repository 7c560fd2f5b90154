// Integer weights and bias of a conv2d or linear node, with one scale per output channel.
#pragma once

#include "graph/graph.h"

namespace espalier::quantize {

struct IntegerWeights {
  Tensor weights;             // s8 in [-127, 127], zero point 0
  Tensor bias;                // s32, scale = input scale * weight scale
  std::vector<float> scales;  // one per output channel
};

// scale = max|w| / 127, but large enough that |bias| < 2^30. Requires: constant f32 weights, constant f32 bias or none.
IntegerWeights quantize_weights(const Node& node, float input_scale);

}  // namespace espalier::quantize
