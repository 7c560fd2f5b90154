// Mapping of boxes through the inverse of the geometry: picture = (input - offset) / scale, in float64.
#include "decode/boxes.h"

#include <algorithm>
#include <cmath>

#include "decode/nms.h"

namespace espalier {
namespace {

double to_picture(float value, double scale, double offset) { return (static_cast<double>(value) - offset) / scale; }

// Clipped to [0, extent]; NaN stays NaN.
float clip(double value, int64_t extent) {
  return static_cast<float>(std::clamp(value, 0.0, static_cast<double>(extent)));
}

}  // namespace

BestClass best_class(const float* scores, int64_t count, int64_t step) {
  BestClass best{0, -INFINITY};
  for (int64_t i = 0; i < count; ++i)
    if (scores[i * step] > best.score) best = {i, scores[i * step]};
  return best;
}

Point on_picture(const Point& place, const Geometry& geometry) {
  return {.x = static_cast<float>(to_picture(place.x, geometry.scale_x, geometry.offset_x)),
          .y = static_cast<float>(to_picture(place.y, geometry.scale_y, geometry.offset_y))};
}

std::optional<Detection> on_picture(const Detection& box, const Geometry& geometry) {
  Detection mapped = box;
  mapped.left = clip(to_picture(box.left, geometry.scale_x, geometry.offset_x), geometry.picture_width);
  mapped.right = clip(to_picture(box.right, geometry.scale_x, geometry.offset_x), geometry.picture_width);
  mapped.top = clip(to_picture(box.top, geometry.scale_y, geometry.offset_y), geometry.picture_height);
  mapped.bottom = clip(to_picture(box.bottom, geometry.scale_y, geometry.offset_y), geometry.picture_height);
  if (mapped.left > mapped.right) std::swap(mapped.left, mapped.right);  // a mirrored view has a negative scale
  const bool has_area = mapped.right > mapped.left && mapped.bottom > mapped.top;
  if (!has_area) return std::nullopt;
  for (KeyPoint& point : mapped.key_points) {
    const Point place = on_picture(Point{point.x, point.y}, geometry);
    if (!std::isfinite(place.x) || !std::isfinite(place.y)) return std::nullopt;
    point.x = place.x;
    point.y = place.y;
  }
  return mapped;
}

Decoded detections_of(const std::vector<Detection>& candidates, const DecodeInput& input) {
  std::vector<Detection> mapped;
  for (const Detection& candidate : candidates)
    if (const std::optional<Detection> detection = on_picture(candidate, input.geometry)) mapped.push_back(*detection);
  const NmsOptions options = {.iou_threshold = *input.options.iou_threshold,
                              .count_max = input.options.detection_count_max};
  return {.detections = suppress_overlaps(std::move(mapped), options)};
}

}  // namespace espalier
