// What max_pool and average_pool share: sizes read once from a node.
#pragma once

#include "ops/shapes.h"

namespace espalier::ops {

struct Pool {
  int64_t batch = 0, height = 0, width = 0, channels = 0;
  int64_t output_height = 0, output_width = 0;
  Window window = {};
};
Result<Pool> pool_of(const Node& node);

// The type of the input on the pooled map.
Result<std::vector<TensorType>> infer_pool(const Node& node);

// Calls tap(offset of the input element) for every tap that lies inside the map.
template <class Tap>
void for_each_tap(const Pool& pool, int64_t n, int64_t y, int64_t x, int64_t c, Tap tap) {
  const Window& window = pool.window;
  for (int64_t ky = 0; ky < window.kernel_height; ++ky) {
    const int64_t in_y = y * window.stride_y - window.pad_top + ky * window.dilation_y;
    if (in_y < 0 || in_y >= pool.height) continue;
    for (int64_t kx = 0; kx < window.kernel_width; ++kx) {
      const int64_t in_x = x * window.stride_x - window.pad_left + kx * window.dilation_x;
      if (in_x < 0 || in_x >= pool.width) continue;
      tap(((n * pool.height + in_y) * pool.width + in_x) * pool.channels + c);
    }
  }
}

// Calls element(output index, n, y, x, c) for every output element.
template <class Element>
void for_each_pooled(const Pool& pool, Element element) {
  int64_t index = 0;
  for (int64_t n = 0; n < pool.batch; ++n)
    for (int64_t y = 0; y < pool.output_height; ++y)
      for (int64_t x = 0; x < pool.output_width; ++x)
        for (int64_t c = 0; c < pool.channels; ++c) element(index++, n, y, x, c);
}

}  // namespace espalier::ops
