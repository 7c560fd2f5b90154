// Stages the input of each area of an output map (staged_areas.h). Everything here has internal linkage.
//
// Simd supplies: Staged, stage(from, to, count, zero point) and staged_zero(zero point): what stands for the real 0.
#pragma once

#include "kernels/staged_areas.h"

namespace espalier::kernels {
namespace {

// Copies the input of `rows` output rows from `first_row` and `columns` output columns from `first_column`. Rows that
// no tap reads, between the strides of a small kernel, stay as they are.
template <class Simd>
static void stage_area(const StagedAreas& areas, const int8_t* map, int64_t first_row, int64_t rows,
                       int64_t first_column, int64_t columns, typename Simd::Staged* staged) {
  const int64_t top = first_row * areas.stride_y - areas.pad_top;
  const int64_t left = first_column * areas.stride_x - areas.pad_left;
  const int64_t right = left + (columns - 1) * areas.stride_x + areas.span_x;
  const int64_t inside_left = left < 0 ? (right < 0 ? right : 0) : left;
  const int64_t inside_right = right > areas.width ? (left > areas.width ? left : areas.width) : right;
  const int64_t channels = areas.channels;
  const typename Simd::Staged zero = Simd::staged_zero(areas.input_zero);
  const auto fill = [zero](typename Simd::Staged* to, int64_t count) {
    for (int64_t i = 0; i < count; ++i) to[i] = zero;
  };
  for (int64_t row = 0; row < (rows - 1) * areas.stride_y + areas.span_y; ++row) {
    bool is_read = areas.stride_y == 1;
    for (int64_t ky = 0; ky < areas.kernel_height && !is_read; ++ky) {
      const int64_t from_tap = row - ky * areas.dilation_y;
      is_read = from_tap >= 0 && from_tap % areas.stride_y == 0 && from_tap / areas.stride_y < rows;
    }
    if (!is_read) continue;
    typename Simd::Staged* to = staged + row * areas.staged_columns * channels;
    const int64_t in_y = top + row;
    if (in_y < 0 || in_y >= areas.height || inside_left >= inside_right) {
      fill(to, (right - left) * channels);
      continue;
    }
    fill(to, (inside_left - left) * channels);
    Simd::stage(map + (in_y * areas.width + inside_left) * channels, to + (inside_left - left) * channels,
                (inside_right - inside_left) * channels, areas.input_zero);
    fill(to + (inside_right - left) * channels, (right - inside_right) * channels);
  }
}

template <class Staged>
struct StagedArea {
  const Staged* staged = nullptr;  // the first tap of the first pixel
  int64_t rows = 0;
  int64_t columns = 0;
  int64_t first_pixel = 0;  // of the output, counted over batch, rows and columns
};

// Stages and visits the areas [begin, end), counted over batch, down and across.
template <class Simd, class Visit>
static void for_each_staged_area(const StagedAreas& areas, const int8_t* x, void* scratch, int64_t begin, int64_t end,
                                 Visit visit) {
  typename Simd::Staged* staged = static_cast<typename Simd::Staged*>(scratch);
  for (int64_t index = begin; index < end; ++index) {
    const int64_t across = index % areas.areas_across;
    const int64_t down = index / areas.areas_across % areas.areas_down;
    const int64_t n = index / areas.areas_across / areas.areas_down;
    const int64_t first_row = down * areas.area_rows;
    const int64_t first_column = across * areas.area_columns;
    const int64_t rows_left = areas.output_height - first_row;
    const int64_t columns_left = areas.output_width - first_column;
    StagedArea<typename Simd::Staged> area;
    area.staged = staged;
    area.rows = areas.area_rows < rows_left ? areas.area_rows : rows_left;
    area.columns = areas.area_columns < columns_left ? areas.area_columns : columns_left;
    area.first_pixel = (n * areas.output_height + first_row) * areas.output_width + first_column;
    stage_area<Simd>(areas, x + n * areas.height * areas.width * areas.channels, first_row, area.rows, first_column,
                     area.columns, staged);
    visit(area);
  }
}

}  // namespace
}  // namespace espalier::kernels
