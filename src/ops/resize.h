// The neighbours of each output row and column of a resize, computed once; the reference and the kernels use the same.
#pragma once

#include <vector>

#include "ops/shapes.h"

namespace espalier::ops {

// The two neighbours of an output position along one dimension and the weight of the second. For nearest both are the
// chosen one and the weight is 0.
struct ResizeTap {
  int64_t first = 0;
  int64_t second = 0;
  float weight = 0;
};
// One per output row (axis 0) or column (axis 1). Requires: the node is inferred.
std::vector<ResizeTap> resize_taps(const Node& node, size_t axis);

// How the reader of a model and the operator agree on places; see the formulas of ONNX Resize.
struct ResizeSide {
  std::string coordinates;
  float scale = 1;  // output / input, as the model states it
  int64_t input_size = 0, output_size = 0;
  float region_begin = 0, region_end = 1;  // of "tf_crop_and_resize", in parts of the input
};
// Position in the input of an output element, in float32 as ONNX Runtime computes it.
float resize_position(const ResizeSide& side, int64_t output);
// The element that `rounding` takes for a position; it may lie outside of the input.
int64_t nearest_index(float position, const std::string& rounding);

}  // namespace espalier::ops
