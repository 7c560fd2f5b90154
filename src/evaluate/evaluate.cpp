// Every figure is a function of picture weights: all ones give the value, bootstrap draws the interval. A difference is
// the function of one run minus that of the other.
#include "evaluate/evaluate.h"

#include <algorithm>

namespace espalier {
namespace {

// What one run over the pictures gives; it owns what it needs of them.
struct Figures {
  std::vector<std::string> names;
  size_t image_count = 0;
  WeightedFigures of;
};

std::vector<Metric> measure(const Figures& figures, const BootstrapOptions& options) {
  const std::vector<double> values = figures.of(std::vector<int32_t>(figures.image_count, 1));
  const int64_t image_count = static_cast<int64_t>(figures.image_count);
  const std::vector<Interval> intervals = bootstrap_intervals(image_count, options, figures.of);
  std::vector<Metric> metrics;
  for (size_t i = 0; i < figures.names.size(); ++i)
    metrics.push_back({figures.names[i], values[i], intervals[i], image_count});
  return metrics;
}

std::vector<Metric> measure_difference(const Figures& before, const Figures& after, const BootstrapOptions& options) {
  Figures difference = after;
  difference.of = [&](std::span<const int32_t> weights) {
    const std::vector<double> values_before = before.of(weights);
    std::vector<double> values = after.of(weights);
    for (size_t i = 0; i < values.size(); ++i) values[i] -= values_before[i];
    return values;
  };
  return measure(difference, options);
}

Status check_images(size_t image_count, const BootstrapOptions& options) {
  if (image_count == 0) return error("there is no picture to evaluate");
  if (options.resample_count < 1)
    return error("the interval needs 1 resample or more, {} are asked for", options.resample_count);
  if (options.group_size < 1 || static_cast<int64_t>(image_count) % options.group_size != 0)
    return error("{} samples are no whole number of groups of {}", image_count, options.group_size);
  return {};
}

Status check_same_count(size_t before, size_t after) {
  if (before != after) return error("the two runs cannot be paired: one has {} pictures, the other {}", before, after);
  return {};
}

// The mean of a value per picture.
template <class T>
double weighted_mean(const std::vector<T>& values, std::span<const int32_t> weights) {
  double sum = 0;
  int64_t total = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    sum += weights[i] * static_cast<double>(values[i]);
    total += weights[i];
  }
  return sum / static_cast<double>(total);
}

Result<Figures> classification_figures(std::span<const ClassifiedImage> images, const BootstrapOptions& options) {
  TRY_STATUS(check_images(images.size(), options));
  return Figures{{"top1", "top5"},
                 images.size(),
                 [top1 = top_k_hits(images, 1), top5 = top_k_hits(images, 5)](std::span<const int32_t> weights) {
                   return std::vector<double>{weighted_mean(top1, weights), weighted_mean(top5, weights)};
                 }};
}

Result<Figures> detection_figures(std::span<const DetectedImage> images, const BootstrapOptions& options) {
  TRY_STATUS(check_images(images.size(), options));
  if (std::all_of(images.begin(), images.end(), [](const DetectedImage& image) { return image.labels.empty(); }))
    return error("none of the {} pictures has a labelled box, so there is no precision to measure", images.size());
  return Figures{
      {"map50", "map50_95"}, images.size(), [matches = match_detections(images)](std::span<const int32_t> weights) {
        const MeanAveragePrecision map = mean_average_precision(matches, weights);
        return std::vector<double>{map.map50, map.map50_95};
      }};
}

Result<Figures> segmentation_figures(std::span<const SegmentedImage> images, const BootstrapOptions& options) {
  TRY_STATUS(check_images(images.size(), options));
  if (std::all_of(images.begin(), images.end(), [](const SegmentedImage& image) { return image.classes.empty(); }))
    return error("none of the {} pictures has a labelled pixel that the network saw", images.size());
  return Figures{{"miou", "pixel_accuracy"},
                 images.size(),
                 [own = std::vector(images.begin(), images.end())](std::span<const int32_t> weights) {
                   const MeanIou figures = mean_iou(own, weights);
                   return std::vector<double>{figures.miou, figures.pixel_accuracy};
                 }};
}

constexpr double kShareOfSize = 0.1;  // the 10 of pck10

Status check_key_point_counts(const PosedImage& image) {
  for (const LabelledBody& label : image.labels)
    for (const Pose& pose : image.poses)
      if (label.points.size() != pose.key_points.size())
        return error("the labels have {} key points a body, the network finds {}", label.points.size(),
                     pose.key_points.size());
  return {};
}

Result<Figures> key_point_figures(std::span<const PosedImage> images, const BootstrapOptions& options) {
  TRY_STATUS(check_images(images.size(), options));
  std::vector<KeyPointCounts> counts;
  for (const PosedImage& image : images) {
    TRY_STATUS(check_key_point_counts(image));
    counts.push_back(correct_key_points(image, kShareOfSize));
  }
  if (std::all_of(counts.begin(), counts.end(), [](const KeyPointCounts& of_image) { return of_image.labelled == 0; }))
    return error("none of the {} pictures has a labelled key point", images.size());
  return Figures{{"pck10"}, images.size(), [counts](std::span<const int32_t> weights) {
                   KeyPointCounts sum;
                   for (size_t i = 0; i < counts.size(); ++i) {
                     sum.right += weights[i] * counts[i].right;
                     sum.labelled += weights[i] * counts[i].labelled;
                   }
                   // A resample may draw pictures without a labelled point only.
                   if (sum.labelled == 0) return std::vector<double>{0};
                   return std::vector<double>{static_cast<double>(sum.right) / static_cast<double>(sum.labelled)};
                 }};
}

Result<Figures> text_figures(std::span<const ReadImage> images, const BootstrapOptions& options) {
  TRY_STATUS(check_images(images.size(), options));
  return Figures{{"exact", "similarity"},
                 images.size(),
                 [exact = exact_matches(images), similar = similarities(images)](std::span<const int32_t> weights) {
                   return std::vector<double>{weighted_mean(exact, weights), weighted_mean(similar, weights)};
                 }};
}

}  // namespace

Metrics evaluate_classification(std::span<const ClassifiedImage> images, const BootstrapOptions& options) {
  return measure(TRY(classification_figures(images, options)), options);
}

Metrics evaluate_detection(std::span<const DetectedImage> images, const BootstrapOptions& options) {
  return measure(TRY(detection_figures(images, options)), options);
}

Metrics evaluate_segmentation(std::span<const SegmentedImage> images, const BootstrapOptions& options) {
  return measure(TRY(segmentation_figures(images, options)), options);
}

Metrics evaluate_key_points(std::span<const PosedImage> images, const BootstrapOptions& options) {
  return measure(TRY(key_point_figures(images, options)), options);
}

Metrics evaluate_text(std::span<const ReadImage> images, const BootstrapOptions& options) {
  return measure(TRY(text_figures(images, options)), options);
}

Metrics compare_classification(std::span<const ClassifiedImage> before, std::span<const ClassifiedImage> after,
                               const BootstrapOptions& options) {
  const Figures figures_before = TRY(classification_figures(before, options));
  TRY_STATUS(check_same_count(before.size(), after.size()));
  for (size_t i = 0; i < before.size(); ++i)
    if (before[i].class_index != after[i].class_index)
      return error("the two runs cannot be paired: picture {} has class {} in one and {} in the other", i,
                   before[i].class_index, after[i].class_index);
  return measure_difference(figures_before, TRY(classification_figures(after, options)), options);
}

Metrics compare_detection(std::span<const DetectedImage> before, std::span<const DetectedImage> after,
                          const BootstrapOptions& options) {
  const Figures figures_before = TRY(detection_figures(before, options));
  TRY_STATUS(check_same_count(before.size(), after.size()));
  for (size_t i = 0; i < before.size(); ++i)
    if (before[i].labels.size() != after[i].labels.size())
      return error("the two runs cannot be paired: picture {} has {} labelled boxes in one and {} in the other", i,
                   before[i].labels.size(), after[i].labels.size());
  return measure_difference(figures_before, TRY(detection_figures(after, options)), options);
}

Metrics compare_segmentation(std::span<const SegmentedImage> before, std::span<const SegmentedImage> after,
                             const BootstrapOptions& options) {
  const Figures figures_before = TRY(segmentation_figures(before, options));
  TRY_STATUS(check_same_count(before.size(), after.size()));
  return measure_difference(figures_before, TRY(segmentation_figures(after, options)), options);
}

Metrics compare_key_points(std::span<const PosedImage> before, std::span<const PosedImage> after,
                           const BootstrapOptions& options) {
  const Figures figures_before = TRY(key_point_figures(before, options));
  TRY_STATUS(check_same_count(before.size(), after.size()));
  for (size_t i = 0; i < before.size(); ++i)
    if (before[i].labels.size() != after[i].labels.size())
      return error("the two runs cannot be paired: picture {} has {} labelled bodies in one and {} in the other", i,
                   before[i].labels.size(), after[i].labels.size());
  return measure_difference(figures_before, TRY(key_point_figures(after, options)), options);
}

Metrics compare_text(std::span<const ReadImage> before, std::span<const ReadImage> after,
                     const BootstrapOptions& options) {
  const Figures figures_before = TRY(text_figures(before, options));
  TRY_STATUS(check_same_count(before.size(), after.size()));
  for (size_t i = 0; i < before.size(); ++i)
    if (before[i].label != after[i].label)
      return error("the two runs cannot be paired: picture {} reads \"{}\" in one and \"{}\" in the other", i,
                   before[i].label, after[i].label);
  return measure_difference(figures_before, TRY(text_figures(after, options)), options);
}

}  // namespace espalier
