// Mean average precision as COCO defines it: IoU thresholds 0.50, 0.55 ... 0.95, 101 recall points, at most 100
// detections a class and picture, all sizes. Equal to pycocotools' "bbox" figures. No crowd regions: the labels that
// dataset/ reads have none.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dataset/labels.h"
#include "espalier/vision.h"

namespace espalier {

// What a network said about one labelled picture.
struct DetectedImage {
  std::vector<LabelledBox> labels;
  std::vector<Detection> detections;  // in any order; of equal scores the earlier one comes first
};

struct MeanAveragePrecision {
  double map50 = 0;     // at IoU 0.50
  double map50_95 = 0;  // mean over the ten thresholds
};

constexpr int kIouThresholdCount = 10;

// One detection after matching: bit t is set when it found a label at threshold t.
struct MatchedDetection {
  float score = 0;
  uint32_t image_index = 0;
  uint16_t found = 0;
};

// All pictures matched once, so that resampling them costs no matching.
struct ClassMatches {
  std::vector<MatchedDetection> detections;  // best first, over all pictures
  std::vector<int32_t> label_counts;         // per picture
};

struct Matches {
  size_t image_count = 0;
  std::vector<ClassMatches> classes;  // those with a label in some picture
};

Matches match_detections(std::span<const DetectedImage> images);

// Picture i counts weights[i] times. Classes without a label among the pictures that count are left out of the mean;
// without any label the figures are 0. Requires: one weight per picture.
MeanAveragePrecision mean_average_precision(const Matches& matches, std::span<const int32_t> weights);
// Every picture once.
MeanAveragePrecision mean_average_precision(const Matches& matches);

}  // namespace espalier
