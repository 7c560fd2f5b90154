// movenet: one body, by the network's four heads over one grid, all before the sigmoid: heat maps (K), regress (2K),
// centre (1) and offset (2K), where K is the number of key points and pairs are y, x. Of the two outputs with 2K maps
// the first is regress.
//   body     the cell with the largest sigmoid(centre) * nearness to the middle of the picture
//   guess    body + regress there, for every key point, in cells
//   cell     that of the largest sigmoid(heat) / (distance to the guess + 1.8)
//   place    (cell + offset there) * stride; score = sigmoid(heat) there
// Source: the last part of Google's MoveNet SinglePose (Lightning and Thunder) TFLite files, with their constant 1.8.
// Their table of nearness is not in a file that is cut at its heads; 1 / (distance + 1.8) stands for it here and
// matters only where there are several bodies.
// Key points are those of COCO: nose, eyes, ears, shoulders, elbows, wrists, hips, knees, ankles, left before right.
#include <algorithm>
#include <cmath>

#include "decode/boxes.h"
#include "decode/outputs.h"
#include "decode/planes.h"
#include "numerics/elementary.h"

namespace espalier {
namespace decoders_in_list {
namespace {

constexpr double kNearness = 1.8;

struct Heads {
  Planes heat, regress, center, offset;
};

struct Cell {
  int64_t y = 0;
  int64_t x = 0;
};

Result<Heads> find_heads(const DecodeInput& input) {
  const std::string expected = fmt::format(
      "four maps of one size are expected: heat (K), regress (2K), centre (1), offset (2K) for K key points; the "
      "network has {}",
      describe_outputs(input));
  if (input.outputs.size() != 4) return Error(expected);
  std::vector<Planes> all;
  for (const NamedTensor& output : input.outputs) all.push_back(TRY(planes_of(output, input)));
  std::vector<Planes> pairs;
  Heads heads;
  for (const Planes& planes : all) {
    if (planes.height != all[0].height || planes.width != all[0].width) return Error(expected);
    if (planes.channels == 1) heads.center = planes;
  }
  for (const Planes& planes : all) {
    if (planes.channels == 1) continue;
    const bool has_double =
        std::any_of(all.begin(), all.end(), [&](const Planes& other) { return other.channels == 2 * planes.channels; });
    if (has_double)
      heads.heat = planes;
    else
      pairs.push_back(planes);
  }
  if (heads.center.data == nullptr || heads.heat.data == nullptr || pairs.size() != 2 ||
      pairs[0].channels != 2 * heads.heat.channels || pairs[1].channels != pairs[0].channels)
    return Error(expected);
  heads.regress = pairs[0];
  heads.offset = pairs[1];
  return heads;
}

// The cell of the largest sigmoid / (distance to a place + 1.8), the first of equal ones.
Cell hottest(const Planes& planes, int64_t channel, double near_y, double near_x) {
  Cell best;
  double best_value = -1;
  for (int64_t y = 0; y < planes.height; ++y)
    for (int64_t x = 0; x < planes.width; ++x) {
      const double down = static_cast<double>(y) - near_y;
      const double right = static_cast<double>(x) - near_x;
      const double distance = std::sqrt(down * down + right * right);
      const double value = static_cast<double>(sigmoid_f32(planes.at(channel, y, x))) / (distance + kNearness);
      if (value <= best_value) continue;
      best = {y, x};
      best_value = value;
    }
  return best;
}

Result<Decoded> run(const DecodeInput& input) {
  const Heads heads = TRY(find_heads(input));
  const Planes& heat = heads.heat;
  const float stride_x = static_cast<float>(input.input_width) / static_cast<float>(heat.width);
  const float stride_y = static_cast<float>(input.input_height) / static_cast<float>(heat.height);
  const Cell body = hottest(heads.center, 0, static_cast<double>(heat.height) / 2, static_cast<double>(heat.width) / 2);
  Pose pose;
  for (int64_t k = 0; k < heat.channels; ++k) {
    const double guess_y = static_cast<double>(body.y) + static_cast<double>(heads.regress.at(2 * k, body.y, body.x));
    const double guess_x =
        static_cast<double>(body.x) + static_cast<double>(heads.regress.at(2 * k + 1, body.y, body.x));
    const Cell cell = hottest(heat, k, guess_y, guess_x);
    const Point place =
        on_picture(Point{(static_cast<float>(cell.x) + heads.offset.at(2 * k + 1, cell.y, cell.x)) * stride_x,
                         (static_cast<float>(cell.y) + heads.offset.at(2 * k, cell.y, cell.x)) * stride_y},
                   input.geometry);
    if (!std::isfinite(place.x) || !std::isfinite(place.y)) return error("key point {} lies infinitely far away", k);
    const float score = sigmoid_f32(heat.at(k, cell.y, cell.x));
    pose.key_points.push_back({place.x, place.y, score});
    pose.score += score / static_cast<float>(heat.channels);
  }
  Decoded decoded;
  if (pose.score >= *input.options.score_threshold) decoded.poses.push_back(std::move(pose));
  return decoded;
}

}  // namespace

extern const Decoder movenet;
const Decoder movenet = {.name = "movenet",
                         .summary = "heat maps (K), regress (2K), centre (1), offset (2K) -> one body, K key points",
                         .makes = DecodedKind::poses,
                         .run = run};

}  // namespace decoders_in_list
}  // namespace espalier
