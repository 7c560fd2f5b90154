// One case per kind of result (cli/answers.h).
#include "answers.h"

#include <array>
#include <nlohmann/json.hpp>

#include "base/check.h"

namespace espalier::cli {
namespace {

constexpr std::array<Task, 5> kTasks = {{{"classification", DecodedKind::classifications, false},
                                         {"detection", DecodedKind::detections, true},
                                         {"segmentation", DecodedKind::mask, true},
                                         {"key_points", DecodedKind::poses, true},
                                         {"text", DecodedKind::text_lines, false}}};

}  // namespace

std::string task_names() {
  std::string names;
  for (const Task& task : kTasks) names += fmt::format("{}{}", names.empty() ? "" : ", ", task.name);
  return names;
}

Result<Task> find_task(const std::string& name) {
  for (const Task& task : kTasks)
    if (task.name == name) return task;
  return error("--task \"{}\" is none of {}", name, task_names());
}

Status Answers::add(const LabelledImage& labelled, const Image& picture, const Decoded& decoded) {
  ++sample_count_;
  switch (options_.kind) {
    case DecodedKind::classifications:
      classified_.push_back({labelled.class_index, decoded.classifications});
      return {};
    case DecodedKind::detections:
      detected_.push_back({boxes_in_pixels(labelled.boxes, picture.height, picture.width), decoded.detections});
      return {};
    case DecodedKind::mask: return add_mask(labelled, *decoded.mask);
    case DecodedKind::poses:
      posed_.push_back({bodies_in_pixels(labelled.bodies, picture.height, picture.width), decoded.poses});
      return {};
    case DecodedKind::text_lines:
      // One picture holds one line; a network that reads several has them one after the other.
      read_.push_back({labelled.text, {}});
      for (const TextLine& line : decoded.text_lines) read_.back().text += line.text;
      return {};
    case DecodedKind::text_boxes:
    case DecodedKind::depth: break;
  }
  CHECK(false, "no task has results of this kind");
  return {};
}

Status Answers::add_mask(const LabelledImage& labelled, const Mask& mask) {
  LabelledMask label = TRY(read_mask(labelled.mask_path));
  if (label.height != mask.height || label.width != mask.width)
    return error("{} has {} x {} pixels, its picture {} has {} x {}", labelled.mask_path, label.height, label.width,
                 labelled.path, mask.height, mask.width);
  if (options_.foreground)
    for (uint8_t& value : label.classes)
      if (value != LabelledMask::kLeftOut) value = value == *options_.foreground ? 1 : 0;
  segmented_.push_back(count_pixels(mask, label));
  return {};
}

Metrics Answers::measure(const BootstrapOptions& options) const {
  switch (options_.kind) {
    case DecodedKind::classifications: return evaluate_classification(classified_, options);
    case DecodedKind::detections: return evaluate_detection(detected_, options);
    case DecodedKind::mask: return evaluate_segmentation(segmented_, options);
    case DecodedKind::poses: return evaluate_key_points(posed_, options);
    default: return evaluate_text(read_, options);
  }
}

Metrics Answers::compare(const Answers& before, const BootstrapOptions& options) const {
  switch (options_.kind) {
    case DecodedKind::classifications: return compare_classification(before.classified_, classified_, options);
    case DecodedKind::detections: return compare_detection(before.detected_, detected_, options);
    case DecodedKind::mask: return compare_segmentation(before.segmented_, segmented_, options);
    case DecodedKind::poses: return compare_key_points(before.posed_, posed_, options);
    default: return compare_text(before.read_, read_, options);
  }
}

nlohmann::json Answers::row(size_t i) const {
  switch (options_.kind) {
    case DecodedKind::classifications:
      return {{"class", classified_[i].class_index}, {"best", classified_[i].best[0].class_index}};
    case DecodedKind::detections:
      return {{"labels", detected_[i].labels.size()}, {"detections", detected_[i].detections.size()}};
    case DecodedKind::mask: {
      const std::vector<int32_t> once = {1};
      return {{"miou", mean_iou(std::span(&segmented_[i], 1), once).miou}};
    }
    case DecodedKind::poses: return {{"labels", posed_[i].labels.size()}, {"poses", posed_[i].poses.size()}};
    default: return {{"text", read_[i].label}, {"read", read_[i].text}};
  }
}

std::optional<double> Answers::agreement(const Answers& before) const {
  if (options_.kind != DecodedKind::classifications) return std::nullopt;
  int64_t equal = 0;
  for (size_t i = 0; i < classified_.size(); ++i)
    equal += classified_[i].best[0].class_index == before.classified_[i].best[0].class_index;
  return static_cast<double>(equal) / static_cast<double>(classified_.size());
}

}  // namespace espalier::cli
