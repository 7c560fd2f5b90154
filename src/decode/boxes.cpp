// Mapping of boxes through the inverse of the geometry: picture = (input - offset) / scale, in float64.
#include "decode/boxes.h"

#include <algorithm>
#include <cmath>

#include "decode/nms.h"

namespace espalier {
namespace {

// A coordinate on the picture, clipped to [0, extent]; NaN stays NaN.
float to_picture(float value, double scale, double offset, int64_t extent) {
  const double mapped = (static_cast<double>(value) - offset) / scale;
  return static_cast<float>(std::clamp(mapped, 0.0, static_cast<double>(extent)));
}

}  // namespace

BestClass best_class(const float* scores, int64_t count, int64_t step) {
  BestClass best{0, -INFINITY};
  for (int64_t i = 0; i < count; ++i)
    if (scores[i * step] > best.score) best = {i, scores[i * step]};
  return best;
}

std::optional<Detection> on_picture(const Detection& box, const Geometry& geometry) {
  Detection mapped = box;
  mapped.left = to_picture(box.left, geometry.scale_x, geometry.offset_x, geometry.picture_width);
  mapped.right = to_picture(box.right, geometry.scale_x, geometry.offset_x, geometry.picture_width);
  mapped.top = to_picture(box.top, geometry.scale_y, geometry.offset_y, geometry.picture_height);
  mapped.bottom = to_picture(box.bottom, geometry.scale_y, geometry.offset_y, geometry.picture_height);
  if (mapped.left > mapped.right) std::swap(mapped.left, mapped.right);  // a mirrored view has a negative scale
  const bool has_area = mapped.right > mapped.left && mapped.bottom > mapped.top;
  if (!has_area) return std::nullopt;
  return mapped;
}

Decoded detections_of(const std::vector<Detection>& candidates, const DecodeInput& input) {
  std::vector<Detection> mapped;
  for (const Detection& candidate : candidates)
    if (const std::optional<Detection> detection = on_picture(candidate, input.geometry)) mapped.push_back(*detection);
  const NmsOptions options = {.iou_threshold = input.options.iou_threshold,
                              .count_max = input.options.detection_count_max};
  return {suppress_overlaps(std::move(mapped), options), {}};
}

}  // namespace espalier
