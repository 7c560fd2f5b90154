// The areas that an output map is cut into, and the input of one area as integer kernels stage it in scratch.
//
//   staged: [(rows - 1) * stride_y + span_y][staged_columns][channels]     elements as the instruction set multiplies
//
// Padding is staged too, as the zero point, so the taps of an output pixel lie at the same distances for every pixel.
// No functions here: loops compiled for an instruction set include this header.
#pragma once

#include <cstdint>

namespace espalier::kernels {

struct StagedAreas {
  int64_t height = 0, width = 0, channels = 0;
  int64_t output_height = 0, output_width = 0;
  int64_t kernel_height = 1;
  int64_t stride_y = 1, stride_x = 1, dilation_y = 1;
  int64_t pad_top = 0, pad_left = 0;
  int64_t span_y = 1, span_x = 1;  // pixels from the first tap to the last
  int32_t input_zero = 0;

  int64_t area_rows = 0, area_columns = 0;  // of the output; the last areas of a map may be smaller
  int64_t areas_down = 0, areas_across = 0;
  int64_t staged_columns = 0;
};

}  // namespace espalier::kernels
