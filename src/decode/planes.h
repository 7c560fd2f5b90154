// Outputs that are maps over the input: channels x height x width, in either layout.
#pragma once

#include "decode/decode.h"

namespace espalier {

// A view of an output. Cell (x, y) covers the input's pixels [x, x + 1) * input width / width, likewise for y.
struct Planes {
  const float* data = nullptr;
  int64_t channels = 0;
  int64_t height = 0;
  int64_t width = 0;
  int64_t channel_step = 0;  // elements between the same cell of two channels
  int64_t cell_step = 0;     // elements between two cells of a row

  float at(int64_t channel, int64_t y, int64_t x) const {
    return data[channel * channel_step + (y * width + x) * cell_step];
  }
};

// The output as planes: 1xCxHxW, 1xHxWxC or without the 1; HxW, 1xHxW or 1xHxWx1 is one channel. Which of the
// dimensions are height and width is told by the input's proportions; where both readings fit, channels come first.
// Errors: no dimensions have the input's proportions (one cell more or less is allowed), or one is zero.
Result<Planes> planes_of(const NamedTensor& output, const DecodeInput& input);

// Which cells a pixel of the picture lies between, and how near it is to the second one.
struct Neighbours {
  int64_t first = 0;
  int64_t second = 0;
  float share = 0;
  bool seen = false;  // false: the pixel is outside of the network's view
};

// For each column (or row) of the picture, cells of a map that has `cells` over `input_size` pixels of the input:
// bilinear interpolation between the cells' centres, the outermost cells continued to the edges.
std::vector<Neighbours> neighbours_of(int64_t picture_size, double scale, double offset, int64_t input_size,
                                      int64_t cells);

// The value of a channel between four cells.
inline float interpolate(const Planes& planes, int64_t channel, const Neighbours& y, const Neighbours& x) {
  const float top_left = planes.at(channel, y.first, x.first);
  const float top = top_left + x.share * (planes.at(channel, y.first, x.second) - top_left);
  const float bottom_left = planes.at(channel, y.second, x.first);
  const float bottom = bottom_left + x.share * (planes.at(channel, y.second, x.second) - bottom_left);
  return top + y.share * (bottom - top);
}

}  // namespace espalier
