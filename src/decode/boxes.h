// What the box decoders share: candidates in input pixels become the picture's detections.
#pragma once

#include <optional>

#include "decode/decode.h"

namespace espalier {

// The best of `count` scores that lie `step` apart, the first of equal ones. Requires: count >= 1.
struct BestClass {
  int64_t index = 0;
  float score = 0;
};
BestClass best_class(const float* scores, int64_t count, int64_t step);

// A place in pixels of the network's input, on the picture; not clipped to it.
Point on_picture(const Point& place, const Geometry& geometry);

// A box in pixels of the network's input, on the picture and clipped to it, its key points on the picture; nothing when
// no area remains or a coordinate is not finite.
std::optional<Detection> on_picture(const Detection& box, const Geometry& geometry);

// Boxes in input pixels to the final list: mapped, suppressed, counted.
Decoded detections_of(const std::vector<Detection>& candidates, const DecodeInput& input);

}  // namespace espalier
