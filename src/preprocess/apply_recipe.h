// A picture placed in the network's input as its recipe says: geometry and colour order, still in 8 bits.
#pragma once

#include <vector>

#include "base/error.h"
#include "espalier/vision.h"

namespace espalier {

struct Prepared {
  Image pixels;  // of the input's size; its three channels are in the tensor's order, so "rgb" may hold BGR
  Geometry geometry;
};

// Errors: an empty picture, or a recipe that contradicts itself.
Result<Prepared> prepare(const Image& image, const Recipe& recipe);

// Ten views for evaluation, in this order: top left, top right, bottom left, bottom right, centre, and the five
// mirrored left to right. Errors: those of prepare, and a geometry other than short_side_crop.
Result<std::vector<Prepared>> prepare_ten_views(const Image& image, const Recipe& recipe);

}  // namespace espalier
