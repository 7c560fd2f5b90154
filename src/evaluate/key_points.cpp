// Distances of points against a share of the body's size (evaluate/key_points.h).
#include "evaluate/key_points.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace espalier {
namespace {

int64_t right_points(const LabelledBody& label, const Pose& pose, double distance_max) {
  CHECK(label.points.size() == pose.key_points.size());
  int64_t right = 0;
  for (size_t k = 0; k < label.points.size(); ++k) {
    const LabelledPoint& point = label.points[k];
    if (!point.is_labelled) continue;
    const double across = static_cast<double>(pose.key_points[k].x) - point.x;
    const double down = static_cast<double>(pose.key_points[k].y) - point.y;
    if (std::sqrt(across * across + down * down) <= distance_max) ++right;
  }
  return right;
}

}  // namespace

KeyPointCounts correct_key_points(const PosedImage& image, double share_of_size) {
  KeyPointCounts counts;
  for (const LabelledBody& label : image.labels) {
    const double size = std::max(label.box.right - label.box.left, label.box.bottom - label.box.top);
    int64_t best = 0;
    for (const Pose& pose : image.poses) best = std::max(best, right_points(label, pose, share_of_size * size));
    counts.right += best;
    counts.labelled += std::count_if(label.points.begin(), label.points.end(),
                                     [](const LabelledPoint& point) { return point.is_labelled; });
  }
  return counts;
}

}  // namespace espalier
