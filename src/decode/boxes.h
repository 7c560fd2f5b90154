// What the box decoders share: candidates in input pixels become the picture's detections.
#pragma once

#include <optional>

#include "decode/decode.h"

namespace espalier {

// The best of `count` scores that lie `step` apart; NaN never wins. Requires: count >= 1.
struct BestClass {
  int64_t index = 0;
  float score = 0;
};
BestClass best_class(const float* scores, int64_t count, int64_t step);

// A box in pixels of the network's input, on the picture and clipped to it; nothing when no area remains or a
// coordinate is NaN.
std::optional<Detection> on_picture(const Detection& box, const Geometry& geometry);

// Boxes in input pixels to the final list: mapped, suppressed, counted.
Decoded detections_of(const std::vector<Detection>& candidates, const DecodeInput& input);

}  // namespace espalier
