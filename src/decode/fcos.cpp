// fcos: one output 1 x (4 + classes) x H x W per stride; the stride is the input's width / W.
//   channels 0 to 3   distances left, top, right, bottom from the cell's centre (x + 0.5, y + 0.5), all in strides
//   channels from 4   class scores before the sigmoid; score = sigmoid(best)

#include "decode/boxes.h"
#include "numerics/elementary.h"

namespace espalier {
namespace decoders_in_list {
namespace {

constexpr int64_t kDistances = 4;

// The stride of one output, or what is wrong with its shape.
Result<int64_t> stride_of(const NamedTensor& output, const DecodeInput& input) {
  const Shape& shape = output.tensor.shape();
  if (shape.size() != 4 || shape[0] != 1 || shape[1] <= kDistances || shape[2] < 1 || shape[3] < 1)
    return error("output \"{}\" is {}, 1x(4 + classes)xHxW is expected", output.name, to_string(shape));
  const int64_t stride = input.input_width / shape[3];
  if (stride < 1 || stride * shape[3] != input.input_width || stride * shape[2] != input.input_height)
    return error(
        "output \"{}\" has a grid of {} x {} cells, which does not divide the input of {} x {} pixels by one "
        "stride",
        output.name, shape[2], shape[3], input.input_height, input.input_width);
  const int64_t class_count = input.outputs[0].tensor.shape()[1];
  if (shape[1] != class_count)
    return error("output \"{}\" has {} channels, \"{}\" has {}; all must have 4 + classes", output.name, shape[1],
                 input.outputs[0].name, class_count);
  return stride;
}

void add_candidates(const Tensor& output, int64_t stride, float score_threshold, std::vector<Detection>& candidates) {
  const int64_t height = output.shape()[2];
  const int64_t width = output.shape()[3];
  const int64_t plane = height * width;
  const float* values = output.data<float>();
  const float size = static_cast<float>(stride);
  for (int64_t y = 0; y < height; ++y)
    for (int64_t x = 0; x < width; ++x) {
      const float* cell = values + y * width + x;
      const BestClass best = best_class(cell + kDistances * plane, output.shape()[1] - kDistances, plane);
      const float score = sigmoid_f32(best.score);
      if (score < score_threshold) continue;
      const float center_x = (static_cast<float>(x) + 0.5f) * size;
      const float center_y = (static_cast<float>(y) + 0.5f) * size;
      candidates.push_back({.left = center_x - cell[0] * size,
                            .top = center_y - cell[plane] * size,
                            .right = center_x + cell[2 * plane] * size,
                            .bottom = center_y + cell[3 * plane] * size,
                            .score = score,
                            .class_index = best.index});
    }
}

Result<Decoded> run(const DecodeInput& input) {
  if (input.outputs.empty()) return error("the network has no output, one 1x(4 + classes)xHxW per stride is expected");
  std::vector<Detection> candidates;
  for (const NamedTensor& output : input.outputs) {
    const int64_t stride = TRY(stride_of(output, input));
    add_candidates(output.tensor, stride, *input.options.score_threshold, candidates);
  }
  return detections_of(candidates, input);
}

}  // namespace

extern const Decoder fcos;
const Decoder fcos = {"fcos", "outputs 1 x (4 + classes) x H x W, one per stride -> boxes", DecodedKind::detections,
                      run};

}  // namespace decoders_in_list
}  // namespace espalier
