// Greedy suppression per class: each box, best first, is compared with the boxes of its class that stay.
#include "decode/nms.h"

#include <algorithm>
#include <map>

namespace espalier {

float intersection_over_union(const Detection& a, const Detection& b) {
  const float width = std::min(a.right, b.right) - std::max(a.left, b.left);
  const float height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  if (width <= 0 || height <= 0) return 0;
  const float common = width * height;
  return common / ((a.right - a.left) * (a.bottom - a.top) + (b.right - b.left) * (b.bottom - b.top) - common);
}

std::vector<Detection> suppress_overlaps(std::vector<Detection> detections, const NmsOptions& options) {
  std::stable_sort(detections.begin(), detections.end(),
                   [](const Detection& a, const Detection& b) { return a.score > b.score; });
  std::vector<Detection> kept;
  std::map<int64_t, std::vector<Detection>> kept_of_class;
  for (const Detection& candidate : detections) {
    if (static_cast<int64_t>(kept.size()) >= options.count_max) break;
    std::vector<Detection>& rivals = kept_of_class[candidate.class_index];
    const bool overlaps = std::any_of(rivals.begin(), rivals.end(), [&](const Detection& better) {
      return intersection_over_union(better, candidate) > options.iou_threshold;
    });
    if (overlaps) continue;
    rivals.push_back(candidate);
    kept.push_back(candidate);
  }
  return kept;
}

}  // namespace espalier
