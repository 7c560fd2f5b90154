// heat_maps: one body, by one output with a heat map for every key point.
//   cell     the hottest one, the first of equal ones; its value, as it is, is the key point's score
//   place    (cell + shift) * stride, where shift is a quarter of a cell towards the hotter neighbour, in x and in y
// Source: Simple Baselines and HRNet, lib/core/inference.py (get_final_preds).
#include <cmath>

#include "decode/boxes.h"
#include "decode/outputs.h"
#include "decode/planes.h"

namespace espalier {
namespace decoders_in_list {
namespace {

float shift(float before, float after) {
  if (before == after) return 0;
  return after > before ? 0.25f : -0.25f;
}

KeyPoint point_of(const Planes& planes, int64_t channel, const DecodeInput& input) {
  int64_t best_y = 0;
  int64_t best_x = 0;
  for (int64_t y = 0; y < planes.height; ++y)
    for (int64_t x = 0; x < planes.width; ++x)
      if (planes.at(channel, y, x) > planes.at(channel, best_y, best_x)) {
        best_y = y;
        best_x = x;
      }
  float x = static_cast<float>(best_x);
  float y = static_cast<float>(best_y);
  // At the border one of the neighbours is missing, and the cell stays as it is.
  if (best_x > 0 && best_x + 1 < planes.width)
    x += shift(planes.at(channel, best_y, best_x - 1), planes.at(channel, best_y, best_x + 1));
  if (best_y > 0 && best_y + 1 < planes.height)
    y += shift(planes.at(channel, best_y - 1, best_x), planes.at(channel, best_y + 1, best_x));
  const float stride_x = static_cast<float>(input.input_width) / static_cast<float>(planes.width);
  const float stride_y = static_cast<float>(input.input_height) / static_cast<float>(planes.height);
  const Point place = on_picture(Point{x * stride_x, y * stride_y}, input.geometry);
  return {place.x, place.y, planes.at(channel, best_y, best_x)};
}

Result<Decoded> run(const DecodeInput& input) {
  if (input.outputs.size() != 1)
    return error("one output with a heat map for every key point is expected; the network has {}",
                 describe_outputs(input));
  const Planes planes = TRY(planes_of(input.outputs[0], input));
  Pose pose;
  for (int64_t channel = 0; channel < planes.channels; ++channel) {
    pose.key_points.push_back(point_of(planes, channel, input));
    pose.score += pose.key_points.back().score / static_cast<float>(planes.channels);
  }
  Decoded decoded;
  if (pose.score >= *input.options.score_threshold) decoded.poses.push_back(std::move(pose));
  return decoded;
}

}  // namespace

extern const Decoder heat_maps;
const Decoder heat_maps = {.name = "heat_maps",
                           .summary = "a heat map for every key point -> one body",
                           .makes = DecodedKind::poses,
                           .run = run};

}  // namespace decoders_in_list
}  // namespace espalier
