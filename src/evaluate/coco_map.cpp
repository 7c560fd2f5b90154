// Matching and averaging in the order of pycocotools' COCOeval (evaluateImg, accumulate), in float64 as there.
#include "evaluate/coco_map.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/check.h"

namespace espalier {
namespace {

constexpr size_t kDetectionsPerClassMax = 100;
constexpr int kRecallPointCount = 101;
// Keeps 0 / 0 a number; numpy's spacing(1).
constexpr double kTiny = 2.220446049250313e-16;

// numpy's linspace(0.5, 0.95, 10) and linspace(0, 1, 101): the last value is exact, the others are start + i * step.
double iou_threshold(int index) { return index == kIouThresholdCount - 1 ? 0.95 : index * ((0.95 - 0.5) / 9) + 0.5; }
double recall_point(int index) { return index == kRecallPointCount - 1 ? 1.0 : index * (1.0 / 100); }

// As pycocotools' bbIou, on corner, width and height.
double intersection_over_union(const Detection& detection, const LabelledBox& label) {
  const double left = detection.left;
  const double top = detection.top;
  const double width = static_cast<double>(detection.right) - left;
  const double height = static_cast<double>(detection.bottom) - top;
  const double label_width = label.right - label.left;
  const double label_height = label.bottom - label.top;
  const double common_width = std::min(width + left, label_width + label.left) - std::max(left, label.left);
  if (common_width <= 0) return 0;
  const double common_height = std::min(height + top, label_height + label.top) - std::max(top, label.top);
  if (common_height <= 0) return 0;
  const double common = common_width * common_height;
  return common / (width * height + label_width * label_height - common);
}

// One class on one picture.
struct Cell {
  std::vector<LabelledBox> labels;
  std::vector<Detection> detections;
};

// Each detection, best first, takes the free label that it overlaps most; of equal ones the last.
std::vector<bool> find_labels(const Cell& cell, const std::vector<double>& overlaps, double threshold) {
  const size_t label_count = cell.labels.size();
  std::vector<bool> taken(label_count);
  std::vector<bool> found(cell.detections.size());
  for (size_t d = 0; d < cell.detections.size(); ++d) {
    double best = threshold;
    size_t match = label_count;
    for (size_t l = 0; l < label_count; ++l) {
      const double overlap = overlaps[d * label_count + l];
      if (taken[l] || overlap < best) continue;
      best = overlap;
      match = l;
    }
    if (match == label_count) continue;
    taken[match] = true;
    found[d] = true;
  }
  return found;
}

void append_matches(Cell& cell, uint32_t image_index, ClassMatches& matches) {
  std::stable_sort(cell.detections.begin(), cell.detections.end(),
                   [](const Detection& a, const Detection& b) { return a.score > b.score; });
  cell.detections.resize(std::min(cell.detections.size(), kDetectionsPerClassMax));
  std::vector<double> overlaps;
  for (const Detection& detection : cell.detections)
    for (const LabelledBox& label : cell.labels) overlaps.push_back(intersection_over_union(detection, label));

  const size_t first = matches.detections.size();
  for (const Detection& detection : cell.detections) matches.detections.push_back({detection.score, image_index, 0});
  for (int t = 0; t < kIouThresholdCount; ++t) {
    const std::vector<bool> found = find_labels(cell, overlaps, iou_threshold(t));
    for (size_t d = 0; d < found.size(); ++d)
      if (found[d]) matches.detections[first + d].found |= static_cast<uint16_t>(1 << t);
  }
}

// Precision over recall while the list of detections is walked, best first.
class Curve {
 public:
  explicit Curve(int64_t label_count) : label_count_(label_count) {}

  void add(bool found) {
    (found ? right_ : wrong_) += 1;
    const double right = static_cast<double>(right_);
    recalls_.push_back(right / static_cast<double>(label_count_));
    precisions_.push_back(right / (static_cast<double>(wrong_) + right + kTiny));
  }

  // Mean over the recall points of the best precision at that recall or beyond.
  double average_precision() {
    for (size_t i = precisions_.size(); i-- > 1;) precisions_[i - 1] = std::max(precisions_[i - 1], precisions_[i]);
    double sum = 0;
    auto at = recalls_.begin();
    for (int point = 0; point < kRecallPointCount; ++point) {
      at = std::lower_bound(at, recalls_.end(), recall_point(point));
      if (at == recalls_.end()) break;
      sum += precisions_[static_cast<size_t>(at - recalls_.begin())];
    }
    return sum / kRecallPointCount;
  }

 private:
  int64_t label_count_;
  int64_t right_ = 0;
  int64_t wrong_ = 0;
  std::vector<double> recalls_;
  std::vector<double> precisions_;
};

double average_precision(const ClassMatches& matches, std::span<const int32_t> weights, int64_t label_count,
                         int threshold) {
  Curve curve(label_count);
  for (const MatchedDetection& detection : matches.detections)
    for (int32_t copy = 0; copy < weights[detection.image_index]; ++copy) curve.add(detection.found >> threshold & 1);
  return curve.average_precision();
}

}  // namespace

Matches match_detections(std::span<const DetectedImage> images) {
  Matches matches;
  matches.image_count = images.size();
  std::map<int64_t, ClassMatches> classes;
  for (const DetectedImage& image : images)
    for (const LabelledBox& label : image.labels) classes[label.class_index].label_counts.resize(images.size());

  for (size_t i = 0; i < images.size(); ++i) {
    std::map<int64_t, Cell> cells;
    for (const LabelledBox& label : images[i].labels) cells[label.class_index].labels.push_back(label);
    // A class that has no label anywhere is no part of the mean, whatever is detected of it.
    for (const Detection& detection : images[i].detections)
      if (classes.contains(detection.class_index)) cells[detection.class_index].detections.push_back(detection);
    for (auto& [class_index, cell] : cells) {
      classes[class_index].label_counts[i] = static_cast<int32_t>(cell.labels.size());
      append_matches(cell, static_cast<uint32_t>(i), classes[class_index]);
    }
  }
  for (auto& [class_index, of_class] : classes) {
    std::stable_sort(of_class.detections.begin(), of_class.detections.end(),
                     [](const MatchedDetection& a, const MatchedDetection& b) { return a.score > b.score; });
    matches.classes.push_back(std::move(of_class));
  }
  return matches;
}

MeanAveragePrecision mean_average_precision(const Matches& matches, std::span<const int32_t> weights) {
  CHECK(weights.size() == matches.image_count, "{} weights for {} pictures", weights.size(), matches.image_count);
  std::array<double, kIouThresholdCount> sums{};
  int64_t class_count = 0;
  for (const ClassMatches& of_class : matches.classes) {
    int64_t label_count = 0;
    for (size_t i = 0; i < weights.size(); ++i) label_count += int64_t{weights[i]} * of_class.label_counts[i];
    if (label_count == 0) continue;
    ++class_count;
    for (int t = 0; t < kIouThresholdCount; ++t)
      sums[static_cast<size_t>(t)] += average_precision(of_class, weights, label_count, t);
  }
  if (class_count == 0) return {};
  MeanAveragePrecision result;
  for (const double sum : sums) result.map50_95 += sum / static_cast<double>(class_count) / kIouThresholdCount;
  result.map50 = sums[0] / static_cast<double>(class_count);
  return result;
}

MeanAveragePrecision mean_average_precision(const Matches& matches) {
  return mean_average_precision(matches, std::vector<int32_t>(matches.image_count, 1));
}

}  // namespace espalier
