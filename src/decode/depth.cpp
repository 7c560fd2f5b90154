// depth: one map of relative depth, passed on as it is and interpolated (bilinear) for every pixel of the picture. The
// usual networks (MiDaS, PyDNet) put out inverse depth without a unit: larger is nearer. Metres are not made here.
#include <cmath>

#include "decode/outputs.h"
#include "decode/planes.h"

namespace espalier {
namespace decoders_in_list {
namespace {

Result<Decoded> run(const DecodeInput& input) {
  if (input.outputs.size() != 1) return error("one output is expected; the network has {}", describe_outputs(input));
  const Planes planes = TRY(planes_of(input.outputs[0], input));
  if (planes.channels != 1)
    return error("output \"{}\" has {} maps, one of depth is expected", input.outputs[0].name, planes.channels);
  const Geometry& geometry = input.geometry;
  const std::vector<Neighbours> rows =
      neighbours_of(geometry.picture_height, geometry.scale_y, geometry.offset_y, input.input_height, planes.height);
  const std::vector<Neighbours> columns =
      neighbours_of(geometry.picture_width, geometry.scale_x, geometry.offset_x, input.input_width, planes.width);
  DepthMap depth = {.height = geometry.picture_height, .width = geometry.picture_width};
  depth.values.reserve(rows.size() * columns.size());
  for (const Neighbours& y : rows)
    for (const Neighbours& x : columns) depth.values.push_back(y.seen && x.seen ? interpolate(planes, 0, y, x) : NAN);
  return Decoded{.depth = std::move(depth)};
}

}  // namespace

extern const Decoder depth;
const Decoder depth = {.name = "depth",
                       .summary = "one map of relative depth -> depth for every pixel",
                       .makes = DecodedKind::depth,
                       .run = run};

}  // namespace decoders_in_list
}  // namespace espalier
