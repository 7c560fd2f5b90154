// centernet: a heat map of classes, C maps, sigmoid already, and four maps of distances left, top, right, bottom in
// pixels of the input. A cell is an object's centre for a class when none of its eight neighbours is hotter.
//   box = cell * stride -+ distances, the stride is the input's width / the maps' width
// Networks that put out width and height with an offset (two maps and two maps) are not this one.
// Source: TTFNet, mmdet/models/anchor_heads/ttf_head.py (get_bboxes); its peaks are those of CenterNet's 3 x 3 maximum.
// Overlaps are suppressed besides: in integers neighbouring cells often have one value, and all of them are peaks.
#include <algorithm>

#include "decode/boxes.h"
#include "decode/outputs.h"
#include "decode/planes.h"

namespace espalier {
namespace decoders_in_list {
namespace {

struct Maps {
  Planes heat;
  Planes distances;
};

// The two outputs in either order: the one with four channels holds the distances, the last one where both have four.
Result<Maps> find_maps(const DecodeInput& input) {
  if (input.outputs.size() != 2)
    return error("two outputs, a heat map and four maps of distances, are expected; the network has {}",
                 describe_outputs(input));
  const Planes first = TRY(planes_of(input.outputs[0], input));
  const Planes second = TRY(planes_of(input.outputs[1], input));
  const Maps maps = second.channels == 4 ? Maps{first, second} : Maps{second, first};
  if (maps.distances.channels != 4 || first.height != second.height || first.width != second.width)
    return error("a heat map and four maps of distances of one size are expected; the network has {}",
                 describe_outputs(input));
  return maps;
}

bool is_peak(const Planes& heat, int64_t channel, int64_t y, int64_t x) {
  const float center = heat.at(channel, y, x);
  for (int64_t row = std::max<int64_t>(y - 1, 0); row <= std::min(y + 1, heat.height - 1); ++row)
    for (int64_t column = std::max<int64_t>(x - 1, 0); column <= std::min(x + 1, heat.width - 1); ++column)
      if (heat.at(channel, row, column) > center) return false;
  return true;
}

Detection box_of(const Maps& maps, const DecodeInput& input, int64_t y, int64_t x) {
  const float stride_x = static_cast<float>(input.input_width) / static_cast<float>(maps.heat.width);
  const float stride_y = static_cast<float>(input.input_height) / static_cast<float>(maps.heat.height);
  const float center_x = static_cast<float>(x) * stride_x;
  const float center_y = static_cast<float>(y) * stride_y;
  return {.left = center_x - maps.distances.at(0, y, x),
          .top = center_y - maps.distances.at(1, y, x),
          .right = center_x + maps.distances.at(2, y, x),
          .bottom = center_y + maps.distances.at(3, y, x)};
}

Result<Decoded> run(const DecodeInput& input) {
  const Maps maps = TRY(find_maps(input));
  std::vector<Detection> candidates;
  for (int64_t channel = 0; channel < maps.heat.channels; ++channel)
    for (int64_t y = 0; y < maps.heat.height; ++y)
      for (int64_t x = 0; x < maps.heat.width; ++x) {
        const float score = maps.heat.at(channel, y, x);
        if (score < *input.options.score_threshold || !is_peak(maps.heat, channel, y, x)) continue;
        Detection box = box_of(maps, input, y, x);
        box.score = score;
        box.class_index = channel;
        candidates.push_back(box);
      }
  return detections_of(candidates, input);
}

}  // namespace

extern const Decoder centernet;
const Decoder centernet = {.name = "centernet",
                           .summary = "a heat map of C classes and 4 maps of distances -> boxes",
                           .makes = DecodedKind::detections,
                           .run = run};

}  // namespace decoders_in_list
}  // namespace espalier
