// Sizes of pools (ops/pool.h).
#include "ops/pool.h"

namespace espalier::ops {

Result<Pool> pool_of(const Node& node) {
  const Shape& x = node.inputs[0]->shape();
  if (x.size() != 4) return error("the input has {} dimensions, NHWC has 4", x.size());
  const std::vector<int64_t> kernel = node.integers("kernel");
  if (kernel.size() != 2) return error("kernel must be a list of 2 whole numbers, it has {}", kernel.size());
  Pool pool{.batch = x[0], .height = x[1], .width = x[2], .channels = x[3]};
  pool.window = TRY(window_of(node, kernel[0], kernel[1]));
  // A window inside the padding would have no element: its maximum and its average have no value.
  const Window& window = pool.window;
  if (window.pad_top >= window.span_y() || window.pad_bottom >= window.span_y() ||
      window.pad_left >= window.span_x() || window.pad_right >= window.span_x())
    return error("the padding {} {} {} {} is as large as the window of {} x {} pixels", window.pad_top,
                 window.pad_left, window.pad_bottom, window.pad_right, window.span_y(), window.span_x());
  const auto [height, width] = TRY(window_output(pool.window, pool.height, pool.width));
  pool.output_height = height;
  pool.output_width = width;
  return pool;
}

Result<std::vector<TensorType>> infer_pool(const Node& node) {
  const Pool pool = TRY(pool_of(node));
  return std::vector<TensorType>{
      {node.inputs[0]->type.type, {pool.batch, pool.output_height, pool.output_width, pool.channels}}};
}

}  // namespace espalier::ops
