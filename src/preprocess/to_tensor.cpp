// A pixel has 256 values, so each channel is a table: whatever the arithmetic costs, it is done 768 times.
#include "preprocess/to_tensor.h"

#include <array>

#include "base/check.h"
#include "numerics/quantize.h"

namespace espalier {
namespace {

constexpr int64_t kChannels = 3;

template <class T>
using Tables = std::array<std::array<T, 256>, kChannels>;

float value_of(size_t pixel, const Recipe& recipe, size_t channel) {
  return (static_cast<float>(pixel) + recipe.add[channel]) * recipe.mul[channel];
}

template <class T>
Tensor look_up(const Prepared& prepared, const Tables<T>& tables, Layout layout) {
  const int64_t height = prepared.pixels.height;
  const int64_t width = prepared.pixels.width;
  const Shape shape = layout == Layout::nchw ? Shape{1, kChannels, height, width} : Shape{1, height, width, kChannels};
  Tensor tensor(data_type_of<T>(), shape);
  T* out = tensor.mutable_data<T>();
  // Steps between neighbouring pixels and between channels of one pixel.
  const int64_t pixel_step = layout == Layout::nchw ? 1 : kChannels;
  const int64_t channel_step = layout == Layout::nchw ? height * width : 1;
  const uint8_t* in = prepared.pixels.rgb.data();
  for (int64_t pixel = 0; pixel < height * width; ++pixel, out += pixel_step)
    for (int64_t channel = 0; channel < kChannels; ++channel)
      out[channel * channel_step] = tables[static_cast<size_t>(channel)][*in++];
  return tensor;
}

}  // namespace

Tensor to_float(const Prepared& prepared, const Recipe& recipe, Layout layout) {
  Tables<float> tables;
  for (size_t channel = 0; channel < kChannels; ++channel)
    for (size_t pixel = 0; pixel < 256; ++pixel) tables[channel][pixel] = value_of(pixel, recipe, channel);
  return look_up(prepared, tables, layout);
}

Tensor to_s8(const Prepared& prepared, const Recipe& recipe, float scale, int32_t zero_point, Layout layout) {
  CHECK(scale > 0 && zero_point >= -128 && zero_point <= 127, "scale {}, zero point {}", scale, zero_point);
  Tables<int8_t> tables;
  for (size_t channel = 0; channel < kChannels; ++channel)
    for (size_t pixel = 0; pixel < 256; ++pixel)
      tables[channel][pixel] = quantize_s8(value_of(pixel, recipe, channel), scale, zero_point);
  return look_up(prepared, tables, layout);
}

}  // namespace espalier
