// Resizes pictures to 8 bits in fixed point: the same bits on every machine.
//
// The norm, which is Pillow's (Image.resize) where `antialias` is true:
//   scale = in / out, center(o) = (o + 0.5) * scale                      pixel centres lie at .5
//   widen = max(scale, 1) with antialias, 1 without
//   weight(o, i) = filter((i + 0.5 - center) / widen) for i from floor(center - support * widen + 0.5) up to, not
//     including, floor(center + support * widen + 0.5), both clipped to the picture; normalised to sum 1 in float64,
//     then rounded half away from zero to 22 fraction bits
//   a row pass, then a column pass; each adds the products exactly, then half, shifts by 22 and clips to 0 ... 255;
//     what lies between the passes has 8 bits. A pass whose extent does not change is left out. (Pillow 13 takes the
//     columns first where the height shrinks much more than the width; this norm, as Pillow up to 12, never does.)
//
//   filter     support  formula
//   bilinear   1        1 - |x|
//   bicubic    2        Keys' cubic with a = -0.5
//   area       0.5      1 for -0.5 < x <= 0.5; whole pixels only, so it is Pillow's BOX, not OpenCV's INTER_AREA
//   nearest    -        the pixel that holds the centre: floor((2 o + 1) in / (2 out)) in integers
// Weights use + - * / and rounding only, no function of the math library.
// Without antialias, bilinear is OpenCV's INTER_LINEAR up to the rounding of its weights (11 bits).
#pragma once

#include "espalier/vision.h"

namespace espalier {

// The part of the resized picture that is wanted, in its pixels. The rest is not computed.
struct Window {
  int64_t top = 0;
  int64_t left = 0;
  int64_t height = 0;
  int64_t width = 0;
};

struct ResizeOptions {
  int64_t height = 0;  // of the whole resized picture
  int64_t width = 0;
  Recipe::Filter filter = Recipe::Filter::bilinear;
  bool antialias = true;
};

// Requires: image is not empty, both extents are 1 or more, and the window lies inside the resized picture.
Image resize(const Image& image, const ResizeOptions& options, const Window& window);
// The whole resized picture.
Image resize(const Image& image, const ResizeOptions& options);

}  // namespace espalier
