// Sizes of pools (ops/pool.h).
#include "ops/pool.h"

namespace espalier::ops {
namespace {

// The first output position whose taps all miss the map, which dilation makes possible; -1 when there is none.
int64_t empty_window(int64_t output_size, int64_t stride, int64_t pad, int64_t taps, int64_t dilation, int64_t extent) {
  for (int64_t output = 0; output < output_size; ++output) {
    bool inside = false;
    for (int64_t k = 0; k < taps && !inside; ++k) {
      const int64_t position = output * stride - pad + k * dilation;
      inside = position >= 0 && position < extent;
    }
    if (!inside) return output;
  }
  return -1;
}

}  // namespace

Result<Pool> pool_of(const Node& node) {
  const Shape& x = node.inputs[0]->shape();
  if (x.size() != 4) return error("the input has {} dimensions, NHWC has 4", x.size());
  const std::vector<int64_t> kernel = node.integers("kernel");
  if (kernel.size() != 2) return error("kernel must be a list of 2 whole numbers, it has {}", kernel.size());
  Pool pool{.batch = x[0], .height = x[1], .width = x[2], .channels = x[3]};
  pool.window = TRY(window_of(node, kernel[0], kernel[1]));
  // A window inside the padding would have no element: its maximum and its average have no value.
  const Window& window = pool.window;
  if (window.pad_top >= window.span_y() || window.pad_bottom >= window.span_y() || window.pad_left >= window.span_x() ||
      window.pad_right >= window.span_x())
    return error("the padding {} {} {} {} is as large as the window of {} x {} pixels", window.pad_top, window.pad_left,
                 window.pad_bottom, window.pad_right, window.span_y(), window.span_x());
  const auto [height, width] = TRY(window_output(pool.window, pool.height, pool.width));
  pool.output_height = height;
  pool.output_width = width;
  const int64_t row =
      empty_window(height, window.stride_y, window.pad_top, window.kernel_height, window.dilation_y, pool.height);
  const int64_t column =
      empty_window(width, window.stride_x, window.pad_left, window.kernel_width, window.dilation_x, pool.width);
  if (row >= 0) return error("the window of output row {} has no tap inside the map of {} rows", row, pool.height);
  if (column >= 0)
    return error("the window of output column {} has no tap inside the map of {} columns", column, pool.width);
  return pool;
}

Result<std::vector<TensorType>> infer_pool(const Node& node) {
  const Pool pool = TRY(pool_of(node));
  return std::vector<TensorType>{
      {node.inputs[0]->type.type, {pool.batch, pool.output_height, pool.output_width, pool.channels}}};
}

}  // namespace espalier::ops
