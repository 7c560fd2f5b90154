// blazeface: faces with six key points, by two outputs, scores 1 x anchors x 1 before the sigmoid and values
// 1 x anchors x 16: centre x, y, width, height and six key points, in pixels of the input, relative to the anchor.
// Anchors are the cells' centres: two in each cell of the first stride, six of twice that stride, row by row. The first
// stride is 8 (short range, 128 x 128) or 16 (back camera, 256 x 256), whichever gives the outputs' number of anchors.
// Key points: right eye, left eye, tip of the nose, mouth, right and left ear (tragion), as the person has them.
// Source: MediaPipe, modules/face_detection/face_detection_short_range.pbtxt (SsdAnchorsCalculator with strides 8, 16,
// 16, 16 and fixed_anchor_size, TensorsToDetectionsCalculator with a scale of 128). Its weighted suppression averages
// overlapping boxes against jitter in videos; here the best box stays as it is.
#include <array>

#include "decode/boxes.h"
#include "decode/outputs.h"
#include "numerics/elementary.h"

namespace espalier {
namespace decoders_in_list {
namespace {

constexpr int64_t kKeyPointCount = 6;
constexpr int64_t kValues = 4 + 2 * kKeyPointCount;

struct Level {
  int64_t stride;
  int64_t anchors;  // in each cell
};
using Levels = std::array<Level, 2>;

int64_t anchor_count(const Levels& levels, const DecodeInput& input) {
  int64_t count = 0;
  for (const Level& level : levels)
    count += (input.input_height / level.stride) * (input.input_width / level.stride) * level.anchors;
  return count;
}

Result<Levels> find_levels(const DecodeInput& input) {
  for (const int64_t stride : {8, 16}) {
    const Levels levels = {{{stride, 2}, {2 * stride, 6}}};
    if (input.input_height % (2 * stride) != 0 || input.input_width % (2 * stride) != 0) continue;
    const Shape shape = {1, anchor_count(levels, input), kValues};
    for (const NamedTensor& output : input.outputs)
      if (output.tensor.shape() == shape) return levels;
  }
  return error(
      "no output is 1 x anchors x {} with the anchors of an input of {} x {} pixels, strides 8 and 16 or 16 and 32; "
      "the network has {}",
      kValues, input.input_height, input.input_width, describe_outputs(input));
}

Detection face_of(const float* values, float anchor_x, float anchor_y, float score) {
  const float center_x = values[0] + anchor_x;
  const float center_y = values[1] + anchor_y;
  Detection face = {.left = center_x - values[2] * 0.5f,
                    .top = center_y - values[3] * 0.5f,
                    .right = center_x + values[2] * 0.5f,
                    .bottom = center_y + values[3] * 0.5f,
                    .score = score};
  for (int64_t k = 0; k < kKeyPointCount; ++k)
    face.key_points.push_back({values[4 + 2 * k] + anchor_x, values[5 + 2 * k] + anchor_y, score});
  return face;
}

Result<Decoded> run(const DecodeInput& input) {
  const Levels levels = TRY(find_levels(input));
  const int64_t count = anchor_count(levels, input);
  const float* scores = TRY(output_of_shape(input, {1, count, 1}, "scores"))->data<float>();
  const float* values = TRY(output_of_shape(input, {1, count, kValues}, "boxes"))->data<float>();
  std::vector<Detection> candidates;
  for (const Level& level : levels) {
    const float stride = static_cast<float>(level.stride);
    for (int64_t y = 0; y < input.input_height / level.stride; ++y)
      for (int64_t x = 0; x < input.input_width / level.stride; ++x)
        for (int64_t anchor = 0; anchor < level.anchors; ++anchor, ++scores, values += kValues) {
          const float score = sigmoid_f32(*scores);
          if (score >= *input.options.score_threshold)
            candidates.push_back(face_of(values, (static_cast<float>(x) + 0.5f) * stride,
                                         (static_cast<float>(y) + 0.5f) * stride, score));
        }
  }
  return detections_of(candidates, input);
}

}  // namespace

extern const Decoder blazeface;
const Decoder blazeface = {.name = "blazeface",
                           .summary = "scores 1 x anchors x 1 and values 1 x anchors x 16 -> faces, 6 key points",
                           .makes = DecodedKind::detections,
                           .run = run,
                           .score_threshold = 0.5f,
                           .iou_threshold = 0.3f,
                           .only_class = "face"};

}  // namespace decoders_in_list
}  // namespace espalier
