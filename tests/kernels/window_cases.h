// Random windows for convolutions and pools: kernels 1 to 7, strides 1 to 3, dilations, asymmetric padding.
#pragma once

#include "kernels/differential.h"

namespace espalier {

struct WindowCase {
  int64_t kernel[2] = {1, 1};
  int64_t stride[2] = {1, 1};
  int64_t dilation[2] = {1, 1};
  int64_t padding[4] = {};
  int64_t height = 1, width = 1;

  std::string attributes() const {
    return fmt::format("strides=[{},{}] dilations=[{},{}] padding=[{},{},{},{}]", stride[0], stride[1], dilation[0],
                       dilation[1], padding[0], padding[1], padding[2], padding[3]);
  }
};

inline WindowCase random_window(Differential& differential) {
  WindowCase window;
  for (int axis = 0; axis < 2; ++axis) {
    window.kernel[axis] = differential.one_of<int64_t>({1, 1, 2, 3, 3, 3, 4, 5, 7});
    window.stride[axis] = differential.one_of<int64_t>({1, 1, 1, 2, 3});
    window.dilation[axis] = differential.one_of<int64_t>({1, 1, 1, 2, 3});
    const int64_t span = (window.kernel[axis] - 1) * window.dilation[axis] + 1;
    window.padding[axis] = differential.between(0, span - 1);
    window.padding[axis + 2] = differential.between(0, span - 1);
    const int64_t least = std::max<int64_t>(1, span - window.padding[axis] - window.padding[axis + 2]);
    const int64_t extent = least + differential.between(0, differential.one_of<int64_t>({2, 10, 40}));
    (axis == 0 ? window.height : window.width) = axis == 0 ? std::min(extent, least + 8) : extent;
  }
  return window;
}

}  // namespace espalier
