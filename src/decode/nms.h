// Non-maximum suppression: of boxes of one class that overlap, the best one stays.
#pragma once

#include <vector>

#include "espalier/vision.h"

namespace espalier {

struct NmsOptions {
  float iou_threshold = 0.5f;  // a box that overlaps a better one of its class by more than this goes
  int64_t count_max = 300;     // of all classes together
};

// Intersection over union of two boxes; 0 when both are empty.
float intersection_over_union(const Detection& a, const Detection& b);

// The boxes that stay, best score first, equal scores in the order given. Requires: no score is NaN.
std::vector<Detection> suppress_overlaps(std::vector<Detection> detections, const NmsOptions& options);

}  // namespace espalier
