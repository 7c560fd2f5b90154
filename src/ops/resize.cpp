// resize: an NHWC map at another size, by nearest neighbour or bilinear interpolation, as ONNX Resize defines them.
#include "ops/resize.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "numerics/float_sum.h"
#include "numerics/quantize.h"
namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  const TensorType& x = node.inputs[0]->type;
  if (x.shape.size() != 4) return error("the input has {} dimensions, NHWC has 4", x.shape.size());
  const std::vector<int64_t> size = node.integers("size");
  const std::string mode = node.text("mode");
  const std::string coordinates = node.text("coordinates");
  const std::string rounding = node.text("rounding", "round_prefer_floor");
  if (size.size() != 2 || size[0] < 1 || size[1] < 1 || x.shape[1] < 1 || x.shape[2] < 1)
    return error("a map of {} x {} cannot be resized to [{}]", x.shape[1], x.shape[2], fmt::join(size, ","));
  const auto* scales = node.has("scales") ? std::get_if<std::vector<float>>(&node.attributes.at("scales")) : nullptr;
  if (scales == nullptr || scales->size() != 2 || !((*scales)[0] > 0) || !((*scales)[1] > 0) ||
      !std::isfinite((*scales)[0]) || !std::isfinite((*scales)[1]))
    return error("scales must be two positive numbers");
  if (mode != "nearest" && mode != "linear") return error("mode \"{}\" is none of nearest, linear", mode);
  if (coordinates != "asymmetric" && coordinates != "half_pixel" && coordinates != "pytorch_half_pixel" &&
      coordinates != "align_corners")
    return error("coordinates \"{}\" are none of asymmetric, half_pixel, pytorch_half_pixel, align_corners",
                 coordinates);
  if (rounding != "floor" && rounding != "ceil" && rounding != "round_prefer_floor" && rounding != "round_prefer_ceil")
    return error("rounding \"{}\" is none of floor, ceil, round_prefer_floor, round_prefer_ceil", rounding);
  return std::vector<TensorType>{{x.type, {x.shape[0], size[0], size[1], x.shape[3]}}};
}

}  // namespace

float resize_position(const ResizeSide& side, int64_t output) {
  const auto position = static_cast<float>(output);
  const auto last = static_cast<float>(side.input_size - 1);
  const bool single = side.output_size == 1;
  if (side.coordinates == "asymmetric") return position / side.scale;
  if (side.coordinates == "align_corners")
    return single ? 0.0f : position * last / static_cast<float>(side.output_size - 1);
  if (side.coordinates == "tf_crop_and_resize") {
    if (single) return 0.5f * (side.region_begin + side.region_end) * last;
    return side.region_begin * last +
           position * (side.region_end - side.region_begin) * last / static_cast<float>(side.output_size - 1);
  }
  if (side.coordinates == "tf_half_pixel_for_nn") return (position + 0.5f) / side.scale;
  if (side.coordinates == "pytorch_half_pixel" && single) return 0.0f;
  const float centre = (position + 0.5f) / side.scale;
  if (side.coordinates != "half_pixel_symmetric") return centre - 0.5f;
  const auto size = static_cast<float>(side.input_size);
  const float adjustment = static_cast<float>(side.output_size) / (side.scale * size);
  return size / 2 * (1 - adjustment) + centre - 0.5f;
}

int64_t nearest_index(float position, const std::string& rounding) {
  const float low = std::floor(position);
  if (rounding == "floor") return static_cast<int64_t>(low);
  if (rounding == "ceil") return static_cast<int64_t>(std::ceil(position));
  const float rest = position - low;
  const bool up = rounding == "round_prefer_ceil" ? rest >= 0.5f : rest > 0.5f;
  return static_cast<int64_t>(low) + (up ? 1 : 0);
}

std::vector<ResizeTap> resize_taps(const Node& node, size_t axis) {
  const int64_t input_size = node.inputs[0]->shape()[axis + 1];
  const int64_t output_size = node.output()->shape()[axis + 1];
  const ResizeSide side = {.coordinates = node.text("coordinates"),
                           .scale = std::get<std::vector<float>>(node.attributes.at("scales"))[axis],
                           .input_size = input_size,
                           .output_size = output_size};
  const bool is_nearest = node.text("mode") == "nearest";
  const std::string rounding = node.text("rounding", "round_prefer_floor");
  std::vector<ResizeTap> taps;
  for (int64_t output = 0; output < output_size; ++output) {
    const float last = static_cast<float>(input_size - 1);
    const float position = resize_position(side, output);
    if (is_nearest) {
      const int64_t index =
          std::clamp<int64_t>(nearest_index(std::clamp(position, -1.0f, last + 1), rounding), 0, input_size - 1);
      taps.push_back({index, index, 0});
      continue;
    }
    const float inside = std::clamp(position, 0.0f, last);
    const auto first = static_cast<int64_t>(inside);
    taps.push_back({first, std::min(first + 1, input_size - 1), inside - static_cast<float>(first)});
  }
  return taps;
}

namespace {

// Calls pixel(output index of channel 0, offsets of the four neighbours, weights x and y).
template <class Pixel>
void for_each_pixel(const Node& node, Pixel pixel) {
  const Shape& x = node.inputs[0]->shape();
  const std::vector<ResizeTap> rows = resize_taps(node, 0);
  const std::vector<ResizeTap> columns = resize_taps(node, 1);
  int64_t index = 0;
  for (int64_t n = 0; n < x[0]; ++n)
    for (const ResizeTap& row : rows)
      for (const ResizeTap& column : columns) {
        const auto offset = [&](int64_t y, int64_t column_index) {
          return ((n * x[1] + y) * x[2] + column_index) * x[3];
        };
        pixel(index,
              std::array<int64_t, 4>{offset(row.first, column.first), offset(row.first, column.second),
                                     offset(row.second, column.first), offset(row.second, column.second)},
              column.weight, row.weight);
        index += x[3];
      }
}

// top = a + (b - a) * wx, bottom likewise, y = top + (bottom - top) * wy; every step rounded to float32.
float interpolate(float a, float b, float c, float d, float wx, float wy) {
  const float top_step = (b - a) * wx;
  const float bottom_step = (d - c) * wx;
  const float top = a + top_step;
  const float bottom = c + bottom_step;
  const float step = (bottom - top) * wy;
  return top + step;
}

void evaluate_f32(const EvalArgs& args) {
  const int64_t channels = args.node.inputs[0]->shape()[3];
  const float* x = args.in<float>(0);
  float* y = args.out<float>();
  for_each_pixel(args.node, [&](int64_t index, const std::array<int64_t, 4>& at, float wx, float wy) {
    for (int64_t c = 0; c < channels; ++c)
      y[index + c] = wx == 0 && wy == 0 ? x[at[0] + c]
                                        : interpolate(x[at[0] + c], x[at[1] + c], x[at[2] + c], x[at[3] + c], wx, wy);
  });
}

// Interpolates q - zero_point and rounds half to even: weights lie in [0, 1], so the output keeps the input's scale.
void evaluate_s8(const EvalArgs& args) {
  const int64_t channels = args.node.inputs[0]->shape()[3];
  const int8_t* x = args.in<int8_t>(0);
  int8_t* y = args.out<int8_t>();
  const int32_t zero = args.node.inputs[0]->zero_point();
  for_each_pixel(args.node, [&](int64_t index, const std::array<int64_t, 4>& at, float wx, float wy) {
    const auto real = [&](size_t corner, int64_t c) { return static_cast<float>(x[at[corner] + c] - zero); };
    for (int64_t c = 0; c < channels; ++c)
      y[index + c] =
          wx == 0 && wy == 0
              ? x[at[0] + c]
              : saturate_s8(round_to_int(interpolate(real(0, c), real(1, c), real(2, c), real(3, c), wx, wy)) + zero);
  });
}

}  // namespace

const OpSpec resize = {
    .summary = "an NHWC map at another size, nearest or linear",
    .inputs = {{"x", kF32 | kS8}},
    .attributes = {{"size", kIntegers, "output [height, width]"},
                   {"scales", kReals, "output / input [y, x] as the model states them"},
                   {"mode", kText, "\"nearest\" or \"linear\""},
                   {"coordinates", kText,
                    "as ONNX names them: \"asymmetric\", \"align_corners\", \"half_pixel\", \"half_pixel_symmetric\", "
                    "\"pytorch_half_pixel\", \"tf_half_pixel_for_nn\", \"tf_crop_and_resize\""},
                   {"rounding", kText,
                    "of nearest: \"floor\", \"ceil\", \"round_prefer_floor\" (default), \"round_prefer_ceil\""}},
    .infer = infer,
    .evaluate = {{kF32, evaluate_f32}, {kS8, evaluate_s8}},
    .integer = IntegerRule::keep_scale,
};

}  // namespace espalier::ops
