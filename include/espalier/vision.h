// What a vision application exchanges with a network: pictures, the preprocessing recipe, the geometry that maps
// results back onto the picture, and decoded results.
//
//   espalier::Recipe recipe{.geometry = espalier::Recipe::Fit::letterbox, .height = 160, .width = 160};
//   auto session = espalier::open_model("net.onnx", {.recipe = recipe});
//   if (!session.ok()) return session.error();
//   espalier::Image picture{.height = 480, .width = 640, .rgb = std::vector<uint8_t>(480 * 640 * 3)};
//   if (auto status = session->set_image(picture); !status.ok()) return status;
//   const espalier::Geometry& place = session->geometry();
//   std::printf("column 80 of the input is column %g of the picture\n", (80 - place.offset_x) / place.scale_x);
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace espalier {

// 8-bit RGB, row-major, 3 bytes a pixel, no padding between rows.
struct Image {
  int64_t height = 0;
  int64_t width = 0;
  std::vector<uint8_t> rgb;
};

// How a picture becomes the network's input. Text values and keys are those of recipe files (docs/recipes/).
struct Recipe {
  enum class Fit { stretch, letterbox, short_side_crop };
  enum class Anchor { top_left, center };  // where the picture lies inside a letterbox
  enum class Filter { nearest, bilinear, bicubic, area };
  enum class Color { rgb, bgr };

  Fit geometry = Fit::stretch;
  int64_t height = 0;  // "size": [height, width] of the network's input, pixels
  int64_t width = 0;
  int64_t resize_short = 0;  // short_side_crop: the short side after resizing, pixels; 0 = the larger of `size`
  uint8_t pad_value = 114;   // letterbox: value of the border in all channels, before `add` and `mul`
  Anchor anchor = Anchor::center;
  Filter filter = Filter::bilinear;
  bool antialias = true;     // when shrinking, widen the filter by the scale (as Pillow does; OpenCV does not)
  Color color = Color::rgb;  // order of the channels in the tensor
  std::array<float, 3> add = {0, 0, 0};  // per channel of the tensor: value = (pixel + add) * mul, in float32
  std::array<float, 3> mul = {1, 1, 1};
  std::string input = {};  // name of the network's input; empty = the only one
};

// Where a picture lies in the network's input: input = picture * scale + offset, in pixels, pixel centres at .5.
struct Geometry {
  double scale_x = 1;
  double scale_y = 1;
  double offset_x = 0;
  double offset_y = 0;
  int64_t picture_height = 0;
  int64_t picture_width = 0;
};

// A place on the picture, in pixels.
struct Point {
  float x = 0;
  float y = 0;
};

// A named place of a face or a body, such as the nose; it may lie outside of the picture.
struct KeyPoint {
  float x = 0;
  float y = 0;
  float score = 0;  // that of its face where the network gives it none of its own
};

// An axis-aligned box on the picture, in pixels.
struct Detection {
  float left = 0;
  float top = 0;
  float right = 0;
  float bottom = 0;
  float score = 0;
  int64_t class_index = 0;
  std::vector<KeyPoint> key_points = {};  // of a face, in the order that the decoder states
};

// A class with its score, best first in lists.
struct Classification {
  int64_t class_index = 0;
  float score = 0;
};

// A body: all its key points in the network's order, also those with a low score.
struct Pose {
  std::vector<KeyPoint> key_points = {};
  float score = 0;  // mean of the key points
};

// A box around text that may be turned: top left, top right, bottom right and bottom left as one reads.
struct TextBox {
  std::array<Point, 4> corners = {};
  float score = 0;
};

// A line of text that was read, in UTF-8.
struct TextLine {
  std::string text = {};
  float score = 0;  // mean of its symbols; 0 for an empty line
};

// A class for every pixel of the picture, row-major.
struct Mask {
  // The pixel is not in the network's view, such as the borders that a centre crop leaves out.
  static constexpr uint8_t kUnseen = 255;

  int64_t height = 0;
  int64_t width = 0;
  std::vector<uint8_t> classes = {};
};

// Relative depth of every pixel of the picture, row-major, in the network's own unit: for the usual networks, which
// put out inverse depth, larger is nearer. NaN: the pixel is not in the network's view.
struct DepthMap {
  int64_t height = 0;
  int64_t width = 0;
  std::vector<float> values = {};
};

}  // namespace espalier
