// Values, layouts and integers of the input tensor.
#include "preprocess/to_tensor.h"

#include <gtest/gtest.h>

#include <cmath>

namespace espalier {
namespace {

// Two pixels: (0, 100, 255) and (1, 2, 3).
Prepared two_pixels() { return {Image{1, 2, {0, 100, 255, 1, 2, 3}}, {}}; }

Recipe recipe() {
  Recipe recipe;
  recipe.add = {-127, 0, 1};
  recipe.mul = {1.0f / 128, 2, 1};
  return recipe;
}

TEST(to_tensor, values_are_pixel_plus_add_times_mul_in_both_layouts) {
  const Tensor planes = to_float(two_pixels(), recipe(), Layout::nchw);
  EXPECT_EQ(planes.shape(), (Shape{1, 3, 1, 2}));
  EXPECT_EQ(std::vector<float>(planes.data<float>(), planes.data<float>() + 6),
            (std::vector<float>{-127.0f / 128, -126.0f / 128, 200, 4, 256, 4}));
  const Tensor pixels = to_float(two_pixels(), recipe(), Layout::nhwc);
  EXPECT_EQ(pixels.shape(), (Shape{1, 1, 2, 3}));
  EXPECT_EQ(std::vector<float>(pixels.data<float>(), pixels.data<float>() + 6),
            (std::vector<float>{-127.0f / 128, 200, 256, -126.0f / 128, 4, 4}));
}

TEST(to_tensor, integers_round_half_to_even_and_saturate) {
  Recipe plain;
  const Prepared pixels = {Image{1, 2, {1, 3, 5, 0, 200, 255}}, {}};
  const Tensor q = to_s8(pixels, plain, 2, -1, Layout::nhwc);
  EXPECT_EQ(q.type(), DataType::s8);
  // 0.5 -> 0, 1.5 -> 2, 2.5 -> 2, then the zero point.
  EXPECT_EQ(std::vector<int8_t>(q.data<int8_t>(), q.data<int8_t>() + 6), (std::vector<int8_t>{-1, 1, 1, -1, 99, 127}));
}

TEST(to_tensor, integers_are_the_quantized_floats) {
  Prepared prepared{Image{16, 16, {}}, {}};
  for (int i = 0; i < 256; ++i) prepared.pixels.rgb.insert(prepared.pixels.rgb.end(), 3, static_cast<uint8_t>(i));
  for (const float scale : {0.0078125f, 0.0156f, 1.0f, 2.3f})
    for (const int zero_point : {-128, -3, 0, 127}) {
      const Tensor real = to_float(prepared, recipe(), Layout::nchw);
      const Tensor q = to_s8(prepared, recipe(), scale, zero_point, Layout::nchw);
      for (int64_t i = 0; i < q.count(); ++i) {
        const float expected = std::nearbyint(real.data<float>()[i] / scale) + static_cast<float>(zero_point);
        ASSERT_EQ(q.data<int8_t>()[i], std::clamp(expected, -128.0f, 127.0f));
      }
    }
}

}  // namespace
}  // namespace espalier
