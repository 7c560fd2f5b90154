// Counts once per picture, sums per resample (evaluate/mean_iou.h).
#include "evaluate/mean_iou.h"

#include <array>

#include "base/check.h"

namespace espalier {

SegmentedImage count_pixels(const Mask& found, const LabelledMask& label) {
  CHECK(found.height == label.height && found.width == label.width);
  std::array<PixelCounts, 256> counts{};
  for (size_t i = 0; i < label.classes.size(); ++i) {
    const uint8_t a = found.classes[i];
    const uint8_t b = label.classes[i];
    if (a == Mask::kUnseen || b == LabelledMask::kLeftOut) continue;
    ++counts[a].found;
    ++counts[b].labelled;
    if (a == b) ++counts[a].both;
  }
  SegmentedImage image;
  for (size_t i = 0; i < counts.size(); ++i)
    if (counts[i].found + counts[i].labelled > 0) image.classes[static_cast<int64_t>(i)] = counts[i];
  return image;
}

MeanIou mean_iou(std::span<const SegmentedImage> images, std::span<const int32_t> weights) {
  CHECK(weights.size() == images.size(), "{} weights for {} pictures", weights.size(), images.size());
  std::map<int64_t, PixelCounts> sums;
  for (size_t i = 0; i < images.size(); ++i)
    for (const auto& [class_index, counts] : images[i].classes) {
      PixelCounts& sum = sums[class_index];
      sum.labelled += weights[i] * counts.labelled;
      sum.found += weights[i] * counts.found;
      sum.both += weights[i] * counts.both;
    }
  int64_t class_count = 0;
  int64_t right = 0;
  int64_t total = 0;
  double iou_sum = 0;
  for (const auto& [class_index, sum] : sums) {
    right += sum.both;
    total += sum.labelled;
    if (sum.labelled == 0) continue;
    ++class_count;
    iou_sum += static_cast<double>(sum.both) / static_cast<double>(sum.labelled + sum.found - sum.both);
  }
  if (class_count == 0) return {};
  return {.miou = iou_sum / static_cast<double>(class_count),
          .pixel_accuracy = static_cast<double>(right) / static_cast<double>(total)};
}

}  // namespace espalier
