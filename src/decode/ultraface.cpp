// ultraface: faces by two outputs, scores 1 x boxes x 2 (background and face, softmax already) and boxes 1 x boxes x 4,
// not decoded. The default boxes follow from the input's size: strides 8, 16, 32 and 64, each grid of
// ceil(size / stride) cells row by row, in each cell the squares of kSides, in pixels of the input.
//   default centre = (cell + 0.5) * stride, at most the input's size     side = kSides, at most the input's size
//   centre = value * 0.1 * side + default centre                         size = exp(value * 0.2) * side
// Source: Ultra-Light-Fast-Generic-Face-Detector-1MB, vision/ssd/config/fd_config.py (min_boxes, strides, variances)
// and vision/utils/box_utils.py (generate_priors, convert_locations_to_boxes).
#include <algorithm>
#include <array>
#include <span>

#include "decode/boxes.h"
#include "decode/outputs.h"
#include "numerics/elementary.h"

namespace espalier {
namespace decoders_in_list {
namespace {

constexpr std::array<float, 3> kSidesOf8 = {10, 16, 24};
constexpr std::array<float, 2> kSidesOf16 = {32, 48};
constexpr std::array<float, 2> kSidesOf32 = {64, 96};
constexpr std::array<float, 3> kSidesOf64 = {128, 192, 256};

struct Level {
  int64_t stride;
  std::span<const float> sides;
};
const std::array<Level, 4> kLevels = {{{8, kSidesOf8}, {16, kSidesOf16}, {32, kSidesOf32}, {64, kSidesOf64}}};

int64_t cells(int64_t size, int64_t stride) { return (size + stride - 1) / stride; }

int64_t box_count(const DecodeInput& input) {
  int64_t count = 0;
  for (const Level& level : kLevels)
    count += cells(input.input_height, level.stride) * cells(input.input_width, level.stride) *
             static_cast<int64_t>(level.sides.size());
  return count;
}

// One coordinate of a box.
struct Extent {
  float begin, end;
};
Extent decode(float offset, float log_size, int64_t cell, int64_t stride, float side, int64_t input_size) {
  const float size_max = static_cast<float>(input_size);
  const float default_center = std::min((static_cast<float>(cell) + 0.5f) * static_cast<float>(stride), size_max);
  const float default_size = std::min(side, size_max);
  const float center = offset * 0.1f * default_size + default_center;
  const float half = exp_f32(log_size * 0.2f) * default_size * 0.5f;
  return {center - half, center + half};
}

Result<Decoded> run(const DecodeInput& input) {
  const int64_t count = box_count(input);
  const float* scores = TRY(output_of_shape(input, {1, count, 2}, "scores"))->data<float>();
  const float* boxes = TRY(output_of_shape(input, {1, count, 4}, "boxes"))->data<float>();
  std::vector<Detection> candidates;
  for (const Level& level : kLevels)
    for (int64_t y = 0; y < cells(input.input_height, level.stride); ++y)
      for (int64_t x = 0; x < cells(input.input_width, level.stride); ++x)
        for (const float side : level.sides) {
          const float score = scores[1];
          if (score >= *input.options.score_threshold) {
            const Extent across = decode(boxes[0], boxes[2], x, level.stride, side, input.input_width);
            const Extent down = decode(boxes[1], boxes[3], y, level.stride, side, input.input_height);
            candidates.push_back({across.begin, down.begin, across.end, down.end, score});
          }
          scores += 2;
          boxes += 4;
        }
  return detections_of(candidates, input);
}

}  // namespace

extern const Decoder ultraface;
const Decoder ultraface = {.name = "ultraface",
                           .summary = "scores 1 x boxes x 2 and boxes 1 x boxes x 4 of strides 8 to 64 -> faces",
                           .makes = DecodedKind::detections,
                           .run = run,
                           .score_threshold = 0.5f,
                           .iou_threshold = 0.3f,
                           .only_class = "face"};

}  // namespace decoders_in_list
}  // namespace espalier
