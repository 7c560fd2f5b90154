// From results and labels to figures with their intervals. Nothing is run here: results are handed in.
//   top_k.h      was the class among the k best?
//   coco_map.h   how well do boxes fit labels, over all scores?
//   interval.h   how sure is a figure, with this many pictures?
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "evaluate/coco_map.h"
#include "evaluate/interval.h"
#include "evaluate/top_k.h"

namespace espalier {

// A figure between 0 and 1, or the difference of two.
struct Metric {
  std::string name;  // "top1" "top5" "map50" "map50_95"
  double value = 0;
  Interval interval;        // 95 %, over pictures
  int64_t image_count = 0;  // samples: pictures, or all views of them
};

// top1 and top5. Error: no picture.
Result<std::vector<Metric>> evaluate_classification(std::span<const ClassifiedImage> images,
                                                    const BootstrapOptions& options);
// map50 and map50_95. Errors: no picture, or no labelled box.
Result<std::vector<Metric>> evaluate_detection(std::span<const DetectedImage> images, const BootstrapOptions& options);

// The same figures of `after` minus those of `before`, paired by picture: both are two runs over the same pictures, in
// the same order. Errors: those above, and runs whose pictures or labels differ.
Result<std::vector<Metric>> compare_classification(std::span<const ClassifiedImage> before,
                                                   std::span<const ClassifiedImage> after,
                                                   const BootstrapOptions& options);
Result<std::vector<Metric>> compare_detection(std::span<const DetectedImage> before,
                                              std::span<const DetectedImage> after, const BootstrapOptions& options);

}  // namespace espalier
