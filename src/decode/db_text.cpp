// db_text: boxes around lines of text, by one map of the probability of text, shrunk to the core of each line. Cells
// above kText that touch, at a corner too, are one line:
//   quad    the smallest rectangle around the region's cells
//   score   mean probability inside of the quad
//   grown   by distance = kGrowth * area / perimeter on every side, which undoes the shrinking of the labels
// Source: Differentiable Binarization as PaddleOCR decodes it, ppocr/postprocess/db_postprocess.py (thresh 0.3,
// box_thresh 0.6, unclip_ratio 1.5, min_size 3); a grown rectangle is a rectangle, so no polygon library is needed.
#include <algorithm>
#include <cmath>

#include "decode/boxes.h"
#include "decode/outputs.h"
#include "decode/planes.h"
#include "decode/quad.h"

namespace espalier {
namespace decoders_in_list {
namespace {

constexpr float kText = 0.3f;
constexpr double kGrowth = 1.5;
constexpr double kSideMin = 3;  // of a quad before it grows, cells

// Marks the cells of one region as taken and returns corners that have its convex hull: those of every cell.
class Regions {
 public:
  explicit Regions(const Planes& map) : map_(map), taken_(static_cast<size_t>(map.height * map.width)) {}

  std::vector<Point> take(int64_t y, int64_t x) {
    std::vector<Point> corners;
    if (!visit(y, x)) return corners;
    while (!open_.empty()) {
      const auto [row, column] = open_.back();
      open_.pop_back();
      bool inner = true;
      for (int64_t to_row = row - 1; to_row <= row + 1; ++to_row)
        for (int64_t to_column = column - 1; to_column <= column + 1; ++to_column) {
          inner = inner && is_text(to_row, to_column);
          visit(to_row, to_column);
        }
      // A cell amidst others is no corner of the hull.
      if (inner) continue;
      for (const int64_t down : {0, 1})
        for (const int64_t right : {0, 1})
          corners.push_back({static_cast<float>(column + right), static_cast<float>(row + down)});
    }
    return corners;
  }

 private:
  bool is_text(int64_t y, int64_t x) const {
    return y >= 0 && y < map_.height && x >= 0 && x < map_.width && map_.at(0, y, x) > kText;
  }
  bool visit(int64_t y, int64_t x) {
    if (!is_text(y, x) || taken_[static_cast<size_t>(y * map_.width + x)]) return false;
    taken_[static_cast<size_t>(y * map_.width + x)] = true;
    open_.emplace_back(y, x);
    return true;
  }

  const Planes& map_;
  std::vector<bool> taken_;
  std::vector<std::pair<int64_t, int64_t>> open_;
};

// Over the cells whose centre is inside.
float mean_inside(const Planes& map, const Quad& quad) {
  const std::array<Point, 4> corners = quad.corners();
  const auto [left, right] = std::minmax({corners[0].x, corners[1].x, corners[2].x, corners[3].x});
  const auto [top, bottom] = std::minmax({corners[0].y, corners[1].y, corners[2].y, corners[3].y});
  double sum = 0;
  int64_t count = 0;
  for (int64_t y = std::max<int64_t>(std::lround(top) - 1, 0); y < std::min(std::lround(bottom) + 1, map.height); ++y)
    for (int64_t x = std::max<int64_t>(std::lround(left) - 1, 0); x < std::min(std::lround(right) + 1, map.width);
         ++x) {
      if (!quad.contains(static_cast<double>(x) + 0.5, static_cast<double>(y) + 0.5)) continue;
      sum += static_cast<double>(map.at(0, y, x));
      ++count;
    }
  return count == 0 ? 0 : static_cast<float>(sum / static_cast<double>(count));
}

TextBox box_of(Quad quad, float score, const Planes& map, const DecodeInput& input) {
  const double distance = kGrowth * quad.length * quad.breadth / (2 * (quad.length + quad.breadth));
  quad.length += 2 * distance;
  quad.breadth += 2 * distance;
  TextBox box = {.corners = quad.corners(), .score = score};
  const float stride_x = static_cast<float>(input.input_width) / static_cast<float>(map.width);
  const float stride_y = static_cast<float>(input.input_height) / static_cast<float>(map.height);
  for (Point& corner : box.corners) {
    corner = on_picture(Point{corner.x * stride_x, corner.y * stride_y}, input.geometry);
    corner.x = std::clamp(corner.x, 0.0f, static_cast<float>(input.geometry.picture_width));
    corner.y = std::clamp(corner.y, 0.0f, static_cast<float>(input.geometry.picture_height));
  }
  return box;
}

Result<Decoded> run(const DecodeInput& input) {
  if (input.outputs.size() != 1)
    return error("one map of probabilities is expected; the network has {}", describe_outputs(input));
  const Planes map = TRY(planes_of(input.outputs[0], input));
  if (map.channels != 1)
    return error("output \"{}\" has {} maps, one of probabilities is expected", input.outputs[0].name, map.channels);
  Regions regions(map);
  Decoded decoded;
  for (int64_t y = 0; y < map.height; ++y)
    for (int64_t x = 0; x < map.width; ++x) {
      const std::vector<Point> corners = regions.take(y, x);
      if (corners.empty()) continue;
      const Quad quad = smallest_quad(corners);
      if (std::min(quad.length, quad.breadth) < kSideMin) continue;
      const float score = mean_inside(map, quad);
      if (score >= *input.options.score_threshold) decoded.text_boxes.push_back(box_of(quad, score, map, input));
    }
  std::stable_sort(decoded.text_boxes.begin(), decoded.text_boxes.end(),
                   [](const TextBox& a, const TextBox& b) { return a.score > b.score; });
  const int64_t count = std::clamp<int64_t>(input.options.detection_count_max, 0, std::ssize(decoded.text_boxes));
  decoded.text_boxes.resize(static_cast<size_t>(count));
  return decoded;
}

}  // namespace

extern const Decoder db_text;
const Decoder db_text = {.name = "db_text",
                         .summary = "one map of the probability of text -> boxes around lines, which may be turned",
                         .makes = DecodedKind::text_boxes,
                         .run = run,
                         .score_threshold = 0.6f};

}  // namespace decoders_in_list
}  // namespace espalier
