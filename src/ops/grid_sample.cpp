// grid_sample: NHWC maps read at the places that a grid names: grid[n, y, x] = (column, row), each from -1 to 1 over
// the map. Interpolation linear, nearest or cubic; what lies outside is zero, the border, or mirrored.
#include <array>
#include <cmath>

#include "numerics/rounding.h"
#include "ops/shapes.h"

namespace espalier::ops {
namespace {

enum class Outside { zeros, border, reflection };

struct Sampling {
  Outside outside;
  bool aligns_corners;
  std::string mode;
};

Sampling sampling_of(const Node& node) {
  const std::string padding = node.text("padding", "zeros");
  return {padding == "border"       ? Outside::border
          : padding == "reflection" ? Outside::reflection
                                    : Outside::zeros,
          node.integer("align_corners") != 0, node.text("mode", "linear")};
}

Result<std::vector<TensorType>> infer(const Node& node) {
  const Shape& x = node.inputs[0]->shape();
  const Shape& grid = node.inputs[1]->shape();
  if (x.size() != 4 || grid.size() != 4 || grid[0] != x[0] || grid[3] != 2 || x[1] < 1 || x[2] < 1)
    return error("a grid of [{},height,width,2] is needed for maps {}, it is {}", x.empty() ? 0 : x[0],
                 espalier::to_string(x), espalier::to_string(grid));
  const std::string mode = node.text("mode", "linear");
  if (mode != "linear" && mode != "nearest" && mode != "cubic")
    return error("mode \"{}\" is none of linear, nearest, cubic", mode);
  const std::string padding = node.text("padding", "zeros");
  if (padding != "zeros" && padding != "border" && padding != "reflection")
    return error("padding \"{}\" is none of zeros, border, reflection", padding);
  return std::vector<TensorType>{{DataType::f32, {x[0], grid[1], grid[2], x[3]}}};
}

// From -1 .. 1 to pixels: the outermost centres with aligned corners, else the edges of the map.
float pixel_of(float place, int64_t extent, bool aligns_corners) {
  const auto size = static_cast<float>(extent);
  return aligns_corners ? (place + 1) / 2 * (size - 1) : ((place + 1) * size - 1) / 2;
}

// A pixel of an endless map that repeats the real one in mirrors between `low` and `high`.
float mirrored(float pixel, float low, float high) {
  const float range = high - low;
  if (range <= 0) return 0;
  if (pixel >= low && pixel <= high) return pixel;
  const float distance = pixel < low ? low - pixel : pixel - high;
  // IEEE remainders are exact, so the library's fmod gives the same bits everywhere.
  const float rest = std::fmod(distance, range);
  const bool turned = std::fmod(distance / range, 2.0f) >= 1.0f;
  const bool from_low = (pixel < low) != turned;
  return from_low ? low + rest : high - rest;
}

// The index that a tap reads, or -1 for the zero outside.
int64_t index_of(float pixel, int64_t extent, const Sampling& sampling) {
  const auto size = static_cast<float>(extent);
  if (sampling.outside == Outside::reflection)
    pixel = sampling.aligns_corners ? mirrored(pixel, 0, size - 1) : mirrored(pixel, -0.5f, size - 0.5f);
  if (sampling.outside == Outside::zeros && (pixel < 0 || pixel > size - 1)) return -1;
  return static_cast<int64_t>(clamp(std::floor(pixel + 0.5f), 0.0f, size - 1));
}

struct Taps {
  std::array<int64_t, 4> index = {-1, -1, -1, -1};
  std::array<float, 4> weight = {0, 0, 0, 0};
};

// Weights of the four neighbours of a place between the second and the third, by cubic convolution with a = -0.75.
std::array<float, 4> cubic_weights(float t) {
  constexpr float kA = -0.75f;
  const auto near = [](float d) { return ((kA + 2) * d - (kA + 3)) * d * d + 1; };
  const auto far = [](float d) { return ((kA * d - 5 * kA) * d + 8 * kA) * d - 4 * kA; };
  return {far(t + 1), near(t), near(1 - t), far(2 - t)};
}

Taps taps_of(float place, int64_t extent, const Sampling& sampling) {
  const auto size = static_cast<float>(extent);
  float pixel = pixel_of(place, extent, sampling.aligns_corners);
  // A place that is no number reads the first pixel; one far outside is as good as one just outside.
  if (!(pixel == pixel)) pixel = 0;
  pixel = clamp(pixel, -1e6f, 1e6f);
  if (sampling.mode != "cubic" && sampling.outside == Outside::border) pixel = clamp(pixel, 0.0f, size - 1);
  if (sampling.mode != "cubic" && sampling.outside == Outside::reflection)
    pixel = clamp(sampling.aligns_corners ? mirrored(pixel, 0, size - 1) : mirrored(pixel, -0.5f, size - 0.5f), 0.0f,
                  size - 1);
  Taps taps;
  const float low = std::floor(pixel);
  if (sampling.mode == "nearest") {
    taps.index[0] = index_of(round_half_even(pixel), extent, sampling);
    taps.weight[0] = 1;
  } else if (sampling.mode == "linear") {
    taps.index = {index_of(low, extent, sampling), index_of(low + 1, extent, sampling), -1, -1};
    taps.weight = {low + 1 - pixel, pixel - low, 0, 0};
  } else {
    for (size_t i = 0; i < 4; ++i) taps.index[i] = index_of(low - 1 + static_cast<float>(i), extent, sampling);
    taps.weight = cubic_weights(pixel - low);
  }
  return taps;
}

// The sum over rows of the sums over columns, each product and sum rounded to float32, in index order.
void evaluate_f32(const EvalArgs& args) {
  const Shape& x = args.node.inputs[0]->shape();
  const Shape& y = args.node.output()->shape();
  const Sampling sampling = sampling_of(args.node);
  for (int64_t pixel = 0; pixel < y[0] * y[1] * y[2]; ++pixel) {
    const float* place = args.in<float>(1) + 2 * pixel;
    const float* map = args.in<float>(0) + pixel / (y[1] * y[2]) * x[1] * x[2] * x[3];
    const Taps columns = taps_of(place[0], x[2], sampling);
    const Taps rows = taps_of(place[1], x[1], sampling);
    for (int64_t c = 0; c < x[3]; ++c) {
      float sum = 0;
      for (size_t r = 0; r < 4; ++r) {
        float row = 0;
        for (size_t i = 0; rows.index[r] >= 0 && i < 4; ++i)
          if (columns.index[i] >= 0)
            row += map[(rows.index[r] * x[2] + columns.index[i]) * x[3] + c] * columns.weight[i];
        sum += row * rows.weight[r];
      }
      args.out<float>()[pixel * x[3] + c] = sum;
    }
  }
}

}  // namespace

const OpSpec grid_sample = {
    .summary = "NHWC maps read at the places that a grid names",
    .inputs = {{"x", kF32}, {"grid", kF32}},
    .attributes = {{"mode", kText, "\"linear\" (default), \"nearest\" or \"cubic\""},
                   {"padding", kText, "what lies outside: \"zeros\" (default), \"border\" or \"reflection\""},
                   {"align_corners", kInteger, "1: -1 and 1 are the outermost centres; default 0, the edges"}},
    .infer = infer,
    .evaluate = {{kF32, evaluate_f32}},
};

}  // namespace espalier::ops
