// yunet: faces with five key points, by four outputs 1 x cells x n for each of the strides 8, 16 and 32 (n = 1, 1, 4
// and 10), each grid row by row; found by their shapes, so their order and names do not matter.
//   centre = (value + cell) * stride     size = exp(value) * stride     key point = (value + cell) * stride
//   score = sqrt(class * objectness), both sigmoid already and clamped to [0, 1]
// Key points: right eye, left eye, tip of the nose, right and left corner of the mouth, as the person has them.
// Source: OpenCV, modules/objdetect/src/face_detect.cpp (FaceDetectorYNImpl::postProcess).
#include <algorithm>
#include <array>
#include <cmath>

#include "decode/boxes.h"
#include "decode/outputs.h"
#include "numerics/elementary.h"

namespace espalier {
namespace decoders_in_list {
namespace {

constexpr std::array<int64_t, 3> kStrides = {8, 16, 32};
constexpr int64_t kKeyPointCount = 5;

struct Level {
  int64_t stride = 0;
  int64_t height = 0;
  int64_t width = 0;
  const float* classes = nullptr;
  const float* objects = nullptr;
  const float* boxes = nullptr;
  const float* points = nullptr;
};

Result<Level> find_level(const DecodeInput& input, int64_t stride) {
  Level level = {.stride = stride, .height = input.input_height / stride, .width = input.input_width / stride};
  const int64_t cells = level.height * level.width;
  const std::string of_stride = fmt::format("of stride {}", stride);
  level.classes = TRY(output_of_shape(input, {1, cells, 1}, "class scores " + of_stride))->data<float>();
  level.objects = TRY(output_of_shape(input, {1, cells, 1}, "objectness " + of_stride, 1))->data<float>();
  level.boxes = TRY(output_of_shape(input, {1, cells, 4}, "boxes " + of_stride))->data<float>();
  level.points = TRY(output_of_shape(input, {1, cells, 2 * kKeyPointCount}, "key points " + of_stride))->data<float>();
  return level;
}

Detection face_of(const Level& level, int64_t x, int64_t y, float score) {
  const int64_t cell = y * level.width + x;
  const float* box = level.boxes + cell * 4;
  const float size = static_cast<float>(level.stride);
  const float cell_x = static_cast<float>(x);
  const float cell_y = static_cast<float>(y);
  const float center_x = (box[0] + cell_x) * size;
  const float center_y = (box[1] + cell_y) * size;
  const float half_width = exp_f32(box[2]) * size * 0.5f;
  const float half_height = exp_f32(box[3]) * size * 0.5f;
  Detection face = {.left = center_x - half_width,
                    .top = center_y - half_height,
                    .right = center_x + half_width,
                    .bottom = center_y + half_height,
                    .score = score};
  const float* points = level.points + cell * 2 * kKeyPointCount;
  for (int64_t k = 0; k < kKeyPointCount; ++k)
    face.key_points.push_back({(points[2 * k] + cell_x) * size, (points[2 * k + 1] + cell_y) * size, score});
  return face;
}

Result<Decoded> run(const DecodeInput& input) {
  if (input.input_height % 32 != 0 || input.input_width % 32 != 0)
    return error("the input is {} x {} pixels; both must be multiples of 32, the largest stride", input.input_height,
                 input.input_width);
  std::vector<Detection> candidates;
  for (const int64_t stride : kStrides) {
    const Level level = TRY(find_level(input, stride));
    for (int64_t y = 0; y < level.height; ++y)
      for (int64_t x = 0; x < level.width; ++x) {
        const int64_t cell = y * level.width + x;
        const float score =
            std::sqrt(std::clamp(level.classes[cell], 0.0f, 1.0f) * std::clamp(level.objects[cell], 0.0f, 1.0f));
        if (score >= *input.options.score_threshold) candidates.push_back(face_of(level, x, y, score));
      }
  }
  return detections_of(candidates, input);
}

}  // namespace

extern const Decoder yunet;
const Decoder yunet = {.name = "yunet",
                       .summary = "outputs 1 x cells x 1, 1, 4 and 10 of strides 8, 16, 32 -> faces, 5 key points",
                       .makes = DecodedKind::detections,
                       .run = run,
                       .score_threshold = 0.5f,
                       .iou_threshold = 0.3f,
                       .only_class = "face"};

}  // namespace decoders_in_list
}  // namespace espalier
