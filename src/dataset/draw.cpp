// Boxes, key points, bodies and text; masks and depth are in draw_maps.cpp.
#include "dataset/draw.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "dataset/paint.h"

namespace espalier {
namespace {

// A key point with less is a guess about what is hidden.
constexpr float kKeyPointScoreMin = 0.3f;

// Limbs between the key points of COCO, left and right side in different colours.
using Limb = std::pair<size_t, size_t>;
constexpr size_t kCocoKeyPointCount = 17;
constexpr std::array<Limb, 16> kLimbs = {{{0, 1},
                                          {0, 2},
                                          {1, 3},
                                          {2, 4},
                                          {5, 6},
                                          {5, 7},
                                          {7, 9},
                                          {6, 8},
                                          {8, 10},
                                          {5, 11},
                                          {6, 12},
                                          {11, 12},
                                          {11, 13},
                                          {13, 15},
                                          {12, 14},
                                          {14, 16}}};

// In their order every point from the nose on is left, right, left ...; a limb has the colour of its end.
const Color& limb_color(const Limb& limb) { return palette_color(limb.second % 2 == 1 ? 1 : 3); }

Point place_of(const KeyPoint& point) { return {point.x, point.y}; }

void draw_detection(Image& image, const Detection& detection, const std::string& label) {
  const Color& color = palette_color(detection.class_index);
  const int64_t line = dot_size(image) + 1;
  const Area box = {edge(detection.left, image.width), edge(detection.top, image.height),
                    edge(detection.right, image.width), edge(detection.bottom, image.height)};
  fill(image, {box.left, box.top, box.right, std::min(box.top + line, box.bottom)}, color);
  fill(image, {box.left, std::max(box.bottom - line, box.top), box.right, box.bottom}, color);
  fill(image, {box.left, box.top, std::min(box.left + line, box.right), box.bottom}, color);
  fill(image, {std::max(box.right - line, box.left), box.top, box.right, box.bottom}, color);
  for (const KeyPoint& point : detection.key_points) {
    draw_dot(image, place_of(point), 2 * line + 3, kWhite);
    draw_dot(image, place_of(point), 2 * line + 1, color);
  }
  draw_label(image, box.left, box.top, label, color);
}

std::string label_of(const Detection& detection, const std::vector<std::string>& class_names) {
  const size_t index = static_cast<size_t>(detection.class_index);
  const std::string name =
      index < class_names.size() ? class_names[index] : fmt::format("class {}", detection.class_index);
  return fmt::format("{} {:.0f}%", name, static_cast<double>(detection.score) * 100);
}

void draw_pose(Image& image, const Pose& pose) {
  const int64_t line = dot_size(image) + 1;
  const std::vector<KeyPoint>& points = pose.key_points;
  if (points.size() == kCocoKeyPointCount)
    for (const Limb& limb : kLimbs) {
      const KeyPoint& from = points[limb.first];
      const KeyPoint& to = points[limb.second];
      if (from.score >= kKeyPointScoreMin && to.score >= kKeyPointScoreMin)
        draw_line(image, place_of(from), place_of(to), line, limb_color(limb));
    }
  for (const KeyPoint& point : points) {
    if (!(point.score >= kKeyPointScoreMin)) continue;
    draw_dot(image, place_of(point), 2 * line + 3, kWhite);
    draw_dot(image, place_of(point), 2 * line + 1, palette_color(0));
  }
}

}  // namespace

void draw_detections(Image& image, const std::vector<Detection>& detections,
                     const std::vector<std::string>& class_names) {
  std::vector<Detection> worst_first = detections;
  std::stable_sort(worst_first.begin(), worst_first.end(),
                   [](const Detection& a, const Detection& b) { return a.score < b.score; });
  for (const Detection& detection : worst_first) draw_detection(image, detection, label_of(detection, class_names));
}

void draw_poses(Image& image, const std::vector<Pose>& poses) {
  for (const Pose& pose : poses) draw_pose(image, pose);
}

void draw_text_boxes(Image& image, const std::vector<TextBox>& boxes) {
  const Color& color = palette_color(0);
  for (const TextBox& box : boxes) {
    for (size_t i = 0; i < box.corners.size(); ++i)
      draw_line(image, box.corners[i], box.corners[(i + 1) % box.corners.size()], dot_size(image) + 1, color);
    draw_label(image, edge(box.corners[0].x, image.width), edge(box.corners[0].y, image.height),
               fmt::format("{:.0f}%", static_cast<double>(box.score) * 100), color);
  }
}

void draw_lines(Image& image, const std::vector<std::string>& lines) {
  int64_t top = 0;
  for (const std::string& line : lines) {
    draw_text(image, 0, top, line, kWhite, kBlack);
    top += text_height(dot_size(image));
  }
}

}  // namespace espalier
