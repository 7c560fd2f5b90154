// Every figure is a function of picture weights: all ones give the value, bootstrap draws the interval.
#include "evaluate/evaluate.h"

namespace espalier {
namespace {

std::vector<Metric> measure(const std::vector<std::string>& names, size_t image_count, const BootstrapOptions& options,
                            const WeightedFigures& figures) {
  const std::vector<double> values = figures(std::vector<int32_t>(image_count, 1));
  const std::vector<Interval> intervals = bootstrap_intervals(static_cast<int64_t>(image_count), options, figures);
  std::vector<Metric> metrics;
  for (size_t i = 0; i < names.size(); ++i)
    metrics.push_back({names[i], values[i], intervals[i], static_cast<int64_t>(image_count)});
  return metrics;
}

double weighted_share(const std::vector<uint8_t>& hits, std::span<const int32_t> weights) {
  int64_t right = 0;
  int64_t total = 0;
  for (size_t i = 0; i < hits.size(); ++i) {
    right += int64_t{weights[i]} * hits[i];
    total += weights[i];
  }
  return static_cast<double>(right) / static_cast<double>(total);
}

Status check_images(size_t image_count, const BootstrapOptions& options) {
  if (image_count == 0) return error("there is no picture to evaluate");
  if (options.resample_count < 1)
    return error("the interval needs 1 resample or more, {} are asked for", options.resample_count);
  if (options.group_size < 1 || static_cast<int64_t>(image_count) % options.group_size != 0)
    return error("{} samples are no whole number of groups of {}", image_count, options.group_size);
  return {};
}

Status check_detection(std::span<const DetectedImage> images, const BootstrapOptions& options) {
  TRY_STATUS(check_images(images.size(), options));
  for (const DetectedImage& image : images)
    if (!image.labels.empty()) return {};
  return error("none of the {} pictures has a labelled box, so there is no precision to measure", images.size());
}

Status check_same_count(size_t before, size_t after) {
  if (before != after) return error("the two runs cannot be paired: one has {} pictures, the other {}", before, after);
  return {};
}

const std::vector<std::string> kTopNames = {"top1", "top5"};
const std::vector<std::string> kMapNames = {"map50", "map50_95"};

}  // namespace

Result<std::vector<Metric>> evaluate_classification(std::span<const ClassifiedImage> images,
                                                    const BootstrapOptions& options) {
  TRY_STATUS(check_images(images.size(), options));
  const std::vector<uint8_t> top1 = top_k_hits(images, 1);
  const std::vector<uint8_t> top5 = top_k_hits(images, 5);
  return measure(kTopNames, images.size(), options, [&](std::span<const int32_t> weights) {
    return std::vector<double>{weighted_share(top1, weights), weighted_share(top5, weights)};
  });
}

Result<std::vector<Metric>> evaluate_detection(std::span<const DetectedImage> images, const BootstrapOptions& options) {
  TRY_STATUS(check_detection(images, options));
  const Matches matches = match_detections(images);
  return measure(kMapNames, images.size(), options, [&](std::span<const int32_t> weights) {
    const MeanAveragePrecision map = mean_average_precision(matches, weights);
    return std::vector<double>{map.map50, map.map50_95};
  });
}

Result<std::vector<Metric>> compare_classification(std::span<const ClassifiedImage> before,
                                                   std::span<const ClassifiedImage> after,
                                                   const BootstrapOptions& options) {
  TRY_STATUS(check_images(before.size(), options));
  TRY_STATUS(check_same_count(before.size(), after.size()));
  for (size_t i = 0; i < before.size(); ++i)
    if (before[i].class_index != after[i].class_index)
      return error("the two runs cannot be paired: picture {} has class {} in one and {} in the other", i,
                   before[i].class_index, after[i].class_index);
  const std::vector<uint8_t> top1_before = top_k_hits(before, 1);
  const std::vector<uint8_t> top5_before = top_k_hits(before, 5);
  const std::vector<uint8_t> top1_after = top_k_hits(after, 1);
  const std::vector<uint8_t> top5_after = top_k_hits(after, 5);
  return measure(kTopNames, before.size(), options, [&](std::span<const int32_t> weights) {
    return std::vector<double>{weighted_share(top1_after, weights) - weighted_share(top1_before, weights),
                               weighted_share(top5_after, weights) - weighted_share(top5_before, weights)};
  });
}

Result<std::vector<Metric>> compare_detection(std::span<const DetectedImage> before,
                                              std::span<const DetectedImage> after, const BootstrapOptions& options) {
  TRY_STATUS(check_detection(before, options));
  TRY_STATUS(check_same_count(before.size(), after.size()));
  for (size_t i = 0; i < before.size(); ++i)
    if (before[i].labels.size() != after[i].labels.size())
      return error("the two runs cannot be paired: picture {} has {} labelled boxes in one and {} in the other", i,
                   before[i].labels.size(), after[i].labels.size());
  const Matches matches_before = match_detections(before);
  const Matches matches_after = match_detections(after);
  return measure(kMapNames, before.size(), options, [&](std::span<const int32_t> weights) {
    const MeanAveragePrecision map_before = mean_average_precision(matches_before, weights);
    const MeanAveragePrecision map_after = mean_average_precision(matches_after, weights);
    return std::vector<double>{map_after.map50 - map_before.map50, map_after.map50_95 - map_before.map50_95};
  });
}

}  // namespace espalier
