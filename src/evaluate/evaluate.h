// From results and labels to figures with their intervals. Nothing is run here: results are handed in.
//   top_k.h       was the class among the k best?
//   coco_map.h    how well do boxes fit labels, over all scores?
//   mean_iou.h    how well do masks cover labels, class by class?
//   key_points.h  how many key points are where they should be?
//   text_match.h  how much text was read right?
//   interval.h    how sure is a figure, with this many pictures?
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "evaluate/coco_map.h"
#include "evaluate/interval.h"
#include "evaluate/key_points.h"
#include "evaluate/mean_iou.h"
#include "evaluate/text_match.h"
#include "evaluate/top_k.h"

namespace espalier {

// A figure between 0 and 1, or the difference of two.
struct Metric {
  std::string name;  // "top1" "top5" "map50" "map50_95" "miou" "pixel_accuracy" "pck10" "exact" "similarity"
  double value = 0;
  Interval interval;        // 95 %, over pictures
  int64_t image_count = 0;  // samples: pictures, or all views of them
};

using Metrics = Result<std::vector<Metric>>;

// top1 and top5. Error: no picture.
Metrics evaluate_classification(std::span<const ClassifiedImage> images, const BootstrapOptions& options);
// map50 and map50_95. Errors: no picture, or no labelled box.
Metrics evaluate_detection(std::span<const DetectedImage> images, const BootstrapOptions& options);
// miou and pixel_accuracy. Errors: no picture, or no labelled pixel that was seen.
Metrics evaluate_segmentation(std::span<const SegmentedImage> images, const BootstrapOptions& options);
// pck10: key points within 0.1 of the body's size. Errors: no picture, no labelled point, or another number of key
// points in labels and poses.
Metrics evaluate_key_points(std::span<const PosedImage> images, const BootstrapOptions& options);
// exact, and similarity: the mean share of characters that are right. Error: no picture.
Metrics evaluate_text(std::span<const ReadImage> images, const BootstrapOptions& options);

// The same figures of `after` minus those of `before`, paired by picture: both are two runs over the same pictures, in
// the same order. Errors: those above, and runs whose pictures or labels differ.
Metrics compare_classification(std::span<const ClassifiedImage> before, std::span<const ClassifiedImage> after,
                               const BootstrapOptions& options);
Metrics compare_detection(std::span<const DetectedImage> before, std::span<const DetectedImage> after,
                          const BootstrapOptions& options);
Metrics compare_segmentation(std::span<const SegmentedImage> before, std::span<const SegmentedImage> after,
                             const BootstrapOptions& options);
Metrics compare_key_points(std::span<const PosedImage> before, std::span<const PosedImage> after,
                           const BootstrapOptions& options);
Metrics compare_text(std::span<const ReadImage> before, std::span<const ReadImage> after,
                     const BootstrapOptions& options);

}  // namespace espalier
