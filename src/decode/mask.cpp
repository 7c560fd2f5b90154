// mask: a class for every pixel of the picture, by one output of maps. Values between the cells are interpolated first
// (bilinear), then decided:
//   one map       a probability: class 1 where it is the score threshold or more, else class 0
//   C maps        the class of the largest score, the first of equal ones; scores may be before or after a softmax
// Pixels that the network did not see, outside of a centre crop, are Mask::kUnseen.
#include "decode/outputs.h"
#include "decode/planes.h"

namespace espalier {
namespace decoders_in_list {
namespace {

// Quantization may round a probability up by half a step of 1/255 or so; scores before a sigmoid lie far outside.
constexpr float kSlack = 0.02f;

Status check_probabilities(const NamedTensor& output) {
  for (const float value : std::span(output.tensor.data<float>(), static_cast<size_t>(output.tensor.count())))
    if (value < -kSlack || value > 1 + kSlack)
      return error("output \"{}\" holds {}, one map of probabilities between 0 and 1 is expected", output.name, value);
  return {};
}

uint8_t best_channel(const Planes& planes, const Neighbours& y, const Neighbours& x) {
  int64_t best = 0;
  float best_value = interpolate(planes, 0, y, x);
  for (int64_t channel = 1; channel < planes.channels; ++channel) {
    const float value = interpolate(planes, channel, y, x);
    if (value <= best_value) continue;
    best = channel;
    best_value = value;
  }
  return static_cast<uint8_t>(best);
}

Result<Decoded> run(const DecodeInput& input) {
  if (input.outputs.size() != 1) return error("one output is expected; the network has {}", describe_outputs(input));
  const Planes planes = TRY(planes_of(input.outputs[0], input));
  if (planes.channels > Mask::kUnseen)
    return error("output \"{}\" has {} classes, at most {} are possible", input.outputs[0].name, planes.channels,
                 Mask::kUnseen);
  if (planes.channels == 1) TRY_STATUS(check_probabilities(input.outputs[0]));
  const Geometry& geometry = input.geometry;
  const std::vector<Neighbours> rows =
      neighbours_of(geometry.picture_height, geometry.scale_y, geometry.offset_y, input.input_height, planes.height);
  const std::vector<Neighbours> columns =
      neighbours_of(geometry.picture_width, geometry.scale_x, geometry.offset_x, input.input_width, planes.width);
  Mask mask = {.height = geometry.picture_height, .width = geometry.picture_width};
  mask.classes.reserve(rows.size() * columns.size());
  for (const Neighbours& y : rows)
    for (const Neighbours& x : columns) {
      if (!y.seen || !x.seen) {
        mask.classes.push_back(Mask::kUnseen);
      } else if (planes.channels == 1) {
        mask.classes.push_back(interpolate(planes, 0, y, x) >= *input.options.score_threshold ? 1 : 0);
      } else {
        mask.classes.push_back(best_channel(planes, y, x));
      }
    }
  return Decoded{.mask = std::move(mask)};
}

}  // namespace

extern const Decoder mask;
const Decoder mask = {.name = "mask",
                      .summary = "one map of probabilities, or a map per class -> a class for every pixel",
                      .makes = DecodedKind::mask,
                      .run = run,
                      .score_threshold = 0.5f};

}  // namespace decoders_in_list
}  // namespace espalier
