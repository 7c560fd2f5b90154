// nanodet: boxes by two outputs for each of the strides 8, 16 and 32: class scores 1 x cells x classes, sigmoid
// already, and distances 1 x cells x (4 * bins), each grid row by row. Of two outputs with the same number of cells the
// first holds the scores.
//   distance = stride * sum of bin * softmax over the bins     left, top, right, bottom from the cell's centre
//   cell's centre = (cell + 0.5) * stride
// Source: NanoDet, nanodet/model/head/gfl_head.py (get_bboxes, Integral) and demo_ncnn/nanodet.cpp; nanodet-plus, which
// has a fourth stride and centres without the half, is another network.
#include <algorithm>
#include <array>

#include "decode/boxes.h"
#include "decode/outputs.h"
#include "numerics/elementary.h"

namespace espalier {
namespace decoders_in_list {
namespace {

constexpr std::array<int64_t, 3> kStrides = {8, 16, 32};

struct Level {
  int64_t stride = 0;
  int64_t height = 0;
  int64_t width = 0;
  const Tensor* scores = nullptr;
  const Tensor* distances = nullptr;
};

Result<Level> find_level(const DecodeInput& input, int64_t stride) {
  Level level = {.stride = stride, .height = input.input_height / stride, .width = input.input_width / stride};
  const int64_t cells = level.height * level.width;
  for (const NamedTensor& output : input.outputs) {
    const Shape& shape = output.tensor.shape();
    if (shape.size() != 3 || shape[0] != 1 || shape[1] != cells || shape[2] < 1) continue;
    (level.scores == nullptr ? level.scores : level.distances) = &output.tensor;
  }
  if (level.distances == nullptr)
    return error("two outputs 1x{}x(classes) and 1x{}x(4 * bins) are expected for stride {}; the network has {}", cells,
                 cells, stride, describe_outputs(input));
  if (level.distances->shape()[2] % 4 != 0 || level.distances->shape()[2] < 8)
    return error("the output of distances of stride {} is {}, 1x{}x(4 * bins) with 2 bins or more is expected", stride,
                 to_string(level.distances->shape()), cells);
  return level;
}

// The mean of the bins' numbers 0, 1, ..., weighted by their softmax.
float expected_bin(const float* values, int64_t count) {
  const float highest = *std::max_element(values, values + count);
  float sum = 0;
  float weighted = 0;
  for (int64_t bin = 0; bin < count; ++bin) {
    const float weight = exp_f32(values[bin] - highest);
    sum += weight;
    weighted += weight * static_cast<float>(bin);
  }
  return weighted / sum;
}

void add_candidates(const Level& level, float score_threshold, std::vector<Detection>& candidates) {
  const int64_t class_count = level.scores->shape()[2];
  const int64_t bin_count = level.distances->shape()[2] / 4;
  const float* scores = level.scores->data<float>();
  const float* distances = level.distances->data<float>();
  const float stride = static_cast<float>(level.stride);
  for (int64_t y = 0; y < level.height; ++y)
    for (int64_t x = 0; x < level.width; ++x, scores += class_count, distances += 4 * bin_count) {
      const BestClass best = best_class(scores, class_count, 1);
      if (best.score < score_threshold) continue;
      const float center_x = (static_cast<float>(x) + 0.5f) * stride;
      const float center_y = (static_cast<float>(y) + 0.5f) * stride;
      candidates.push_back({.left = center_x - stride * expected_bin(distances, bin_count),
                            .top = center_y - stride * expected_bin(distances + bin_count, bin_count),
                            .right = center_x + stride * expected_bin(distances + 2 * bin_count, bin_count),
                            .bottom = center_y + stride * expected_bin(distances + 3 * bin_count, bin_count),
                            .score = best.score,
                            .class_index = best.index});
    }
}

Result<Decoded> run(const DecodeInput& input) {
  if (input.input_height % 32 != 0 || input.input_width % 32 != 0)
    return error("the input is {} x {} pixels; both must be multiples of 32, the largest stride", input.input_height,
                 input.input_width);
  std::vector<Detection> candidates;
  for (const int64_t stride : kStrides)
    add_candidates(TRY(find_level(input, stride)), *input.options.score_threshold, candidates);
  return detections_of(candidates, input);
}

}  // namespace

extern const Decoder nanodet;
const Decoder nanodet = {
    .name = "nanodet",
    .summary = "outputs 1 x cells x classes and 1 x cells x (4 * bins) of strides 8, 16, 32 -> boxes",
    .makes = DecodedKind::detections,
    .run = run,
    .score_threshold = 0.35f,
    .iou_threshold = 0.6f};

}  // namespace decoders_in_list
}  // namespace espalier
