// Every figure is a function of picture weights: all ones give the value, bootstrap draws the interval.
#include "evaluate/evaluate.h"

namespace espalier {
namespace {

Metric measure(const std::string& name, size_t image_count, const BootstrapOptions& options, const WeightedFigure& figure) {
  const std::vector<int32_t> ones(image_count, 1);
  return {name, figure(ones), bootstrap_interval(static_cast<int64_t>(image_count), options, figure),
          static_cast<int64_t>(image_count)};
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

struct NamedPart {
  const char* name;
  double MeanAveragePrecision::*part;
};
constexpr NamedPart kMapParts[] = {{"map50", &MeanAveragePrecision::map50}, {"map50_95", &MeanAveragePrecision::map50_95}};

}  // namespace

Result<std::vector<Metric>> evaluate_classification(std::span<const ClassifiedImage> images, const BootstrapOptions& options) {
  TRY_STATUS(check_images(images.size(), options));
  std::vector<Metric> metrics;
  for (const int64_t k : {1, 5}) {
    const std::vector<uint8_t> hits = top_k_hits(images, k);
    metrics.push_back(measure(fmt::format("top{}", k), images.size(), options,
                              [&](std::span<const int32_t> weights) { return weighted_share(hits, weights); }));
  }
  return metrics;
}

Result<std::vector<Metric>> evaluate_detection(std::span<const DetectedImage> images, const BootstrapOptions& options) {
  TRY_STATUS(check_detection(images, options));
  const Matches matches = match_detections(images);
  std::vector<Metric> metrics;
  for (const NamedPart& part : kMapParts)
    metrics.push_back(measure(part.name, images.size(), options, [&](std::span<const int32_t> weights) {
      return mean_average_precision(matches, weights).*part.part;
    }));
  return metrics;
}

Result<std::vector<Metric>> compare_classification(std::span<const ClassifiedImage> before,
                                                   std::span<const ClassifiedImage> after, const BootstrapOptions& options) {
  TRY_STATUS(check_images(before.size(), options));
  TRY_STATUS(check_same_count(before.size(), after.size()));
  for (size_t i = 0; i < before.size(); ++i)
    if (before[i].class_index != after[i].class_index)
      return error("the two runs cannot be paired: picture {} has class {} in one and {} in the other", i, before[i].class_index,
                   after[i].class_index);
  std::vector<Metric> metrics;
  for (const int64_t k : {1, 5}) {
    const std::vector<uint8_t> hits_before = top_k_hits(before, k);
    const std::vector<uint8_t> hits_after = top_k_hits(after, k);
    metrics.push_back(measure(fmt::format("top{}", k), before.size(), options, [&](std::span<const int32_t> weights) {
      return weighted_share(hits_after, weights) - weighted_share(hits_before, weights);
    }));
  }
  return metrics;
}

Result<std::vector<Metric>> compare_detection(std::span<const DetectedImage> before, std::span<const DetectedImage> after,
                                              const BootstrapOptions& options) {
  TRY_STATUS(check_detection(before, options));
  TRY_STATUS(check_same_count(before.size(), after.size()));
  for (size_t i = 0; i < before.size(); ++i)
    if (before[i].labels.size() != after[i].labels.size())
      return error("the two runs cannot be paired: picture {} has {} labelled boxes in one and {} in the other", i,
                   before[i].labels.size(), after[i].labels.size());
  const Matches matches_before = match_detections(before);
  const Matches matches_after = match_detections(after);
  std::vector<Metric> metrics;
  for (const NamedPart& part : kMapParts)
    metrics.push_back(measure(part.name, before.size(), options, [&](std::span<const int32_t> weights) {
      return mean_average_precision(matches_after, weights).*part.part - mean_average_precision(matches_before, weights).*part.part;
    }));
  return metrics;
}

}  // namespace espalier
