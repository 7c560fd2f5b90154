// Sizes of areas (kernels/cut_into_areas.h).
#include "kernels/cut_into_areas.h"

#include <algorithm>

namespace espalier::kernels {

namespace {

constexpr int64_t kStagedBytes = 96 << 10;
constexpr int64_t kReadPast = 64;    // one register of the widest instruction set
constexpr int64_t kColumnStep = 28;  // whole tiles of every instruction set

}  // namespace

Reason areas_fit_in_memory(const ops::Convolution& conv, int64_t element_size_bytes) {
  constexpr int64_t kStagedBytesMax = int64_t{64} << 20;
  const ops::Window& window = conv.window;
  // An area has one row and kColumnStep columns at least.
  const int64_t columns = ops::saturating_product({kColumnStep, window.stride_x}) + window.span_x();
  const int64_t bytes = ops::saturating_product({window.span_y(), columns, conv.input_channels, element_size_bytes});
  if (bytes > kStagedBytesMax)
    return reason("staging the input of one row takes {} bytes, at most {} are used", bytes, kStagedBytesMax);
  return kApplies;
}

CutMap cut_into_areas(const ops::Convolution& conv, int32_t input_zero, int64_t element_size_bytes) {
  const ops::Window& window = conv.window;
  StagedAreas areas = {.height = conv.height,
                       .width = conv.width,
                       .channels = conv.input_channels,
                       .output_height = conv.output_height,
                       .output_width = conv.output_width,
                       .kernel_height = window.kernel_height,
                       .stride_y = window.stride_y,
                       .stride_x = window.stride_x,
                       .dilation_y = window.dilation_y,
                       .pad_top = window.pad_top,
                       .pad_left = window.pad_left,
                       .span_y = window.span_y(),
                       .span_x = window.span_x(),
                       .input_zero = input_zero};
  const int64_t pixel_bytes = conv.input_channels * element_size_bytes;

  const int64_t row_bytes_max = kStagedBytes / areas.span_y;
  const int64_t columns_max = std::max(kColumnStep, (row_bytes_max / pixel_bytes - areas.span_x) / areas.stride_x + 1);
  areas.areas_across = (areas.output_width + columns_max - 1) / columns_max;
  areas.area_columns = (areas.output_width + areas.areas_across - 1) / areas.areas_across;
  if (areas.areas_across > 1) areas.area_columns = (areas.area_columns + kColumnStep - 1) / kColumnStep * kColumnStep;
  areas.areas_across = (areas.output_width + areas.area_columns - 1) / areas.area_columns;
  areas.staged_columns = (areas.area_columns - 1) * areas.stride_x + areas.span_x;

  const int64_t rows_in = kStagedBytes / (areas.staged_columns * pixel_bytes);
  const int64_t rows_max = std::max<int64_t>(1, (rows_in - areas.span_y) / areas.stride_y + 1);
  areas.areas_down = (areas.output_height + rows_max - 1) / rows_max;
  areas.area_rows = (areas.output_height + areas.areas_down - 1) / areas.areas_down;
  areas.areas_down = (areas.output_height + areas.area_rows - 1) / areas.area_rows;

  const int64_t staged_rows = (areas.area_rows - 1) * areas.stride_y + areas.span_y;
  return {.areas = areas,
          .area_count = conv.batch * areas.areas_down * areas.areas_across,
          .staged_size_bytes = staged_rows * areas.staged_columns * pixel_bytes + kReadPast};
}

}  // namespace espalier::kernels
