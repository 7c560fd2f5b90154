// yolox: 1 x cells x (5 + classes), the cells of strides 8, 16 and 32 in this order, each grid row by row.
//   centre = (value + cell) * stride     size = exp(value) * stride     in input pixels
//   score = objectness * best class score, both sigmoid already
#include <array>

#include "decode/boxes.h"
#include "numerics/elementary.h"

namespace espalier {
namespace decoders_in_list {
namespace {

constexpr std::array<int64_t, 3> kStrides = {8, 16, 32};
constexpr int64_t kBoxValues = 5;  // centre x, centre y, log width, log height, objectness

int64_t cell_count(const DecodeInput& input) {
  int64_t count = 0;
  for (const int64_t stride : kStrides) count += (input.input_height / stride) * (input.input_width / stride);
  return count;
}

Status check_outputs(const DecodeInput& input) {
  if (input.input_height % 32 != 0 || input.input_width % 32 != 0)
    return error("the input is {} x {} pixels; both must be multiples of 32, the largest stride", input.input_height,
                 input.input_width);
  if (input.outputs.size() != 1) return error("the network has {} outputs, one is expected", input.outputs.size());
  const Shape& shape = input.outputs[0].tensor.shape();
  if (shape.size() != 3 || shape[0] != 1 || shape[1] != cell_count(input) || shape[2] <= kBoxValues)
    return error("output \"{}\" is {}, 1x{}x(5 + classes) is expected for an input of {} x {} pixels",
                 input.outputs[0].name, to_string(shape), cell_count(input), input.input_height, input.input_width);
  return {};
}

Detection box_of(const float* values, int64_t x, int64_t y, int64_t stride) {
  const float size = static_cast<float>(stride);
  const float center_x = (values[0] + static_cast<float>(x)) * size;
  const float center_y = (values[1] + static_cast<float>(y)) * size;
  const float half_width = exp_f32(values[2]) * size * 0.5f;
  const float half_height = exp_f32(values[3]) * size * 0.5f;
  return {.left = center_x - half_width,
          .top = center_y - half_height,
          .right = center_x + half_width,
          .bottom = center_y + half_height};
}

Result<Decoded> run(const DecodeInput& input) {
  TRY_STATUS(check_outputs(input));
  const Tensor& output = input.outputs[0].tensor;
  const int64_t value_count = output.shape()[2];
  const float* values = output.data<float>();
  std::vector<Detection> candidates;
  for (const int64_t stride : kStrides)
    for (int64_t y = 0; y < input.input_height / stride; ++y)
      for (int64_t x = 0; x < input.input_width / stride; ++x, values += value_count) {
        const BestClass best = best_class(values + kBoxValues, value_count - kBoxValues, 1);
        const float score = values[4] * best.score;
        if (score < *input.options.score_threshold) continue;
        Detection box = box_of(values, x, y, stride);
        box.score = score;
        box.class_index = best.index;
        candidates.push_back(box);
      }
  return detections_of(candidates, input);
}

}  // namespace

extern const Decoder yolox;
const Decoder yolox = {"yolox", "one output 1 x cells x (5 + classes) of strides 8, 16, 32 -> boxes",
                       DecodedKind::detections, run};

}  // namespace decoders_in_list
}  // namespace espalier
