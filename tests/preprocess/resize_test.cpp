// Resized pictures equal Pillow's to the bit (checksums in resize_golden.txt); windows equal the whole; without
// antialias the filter keeps its width.
#include "preprocess/resize.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "material.h"

namespace espalier {
namespace {

Image noise(int64_t height, int64_t width) {
  Image image{height, width, std::vector<uint8_t>(static_cast<size_t>(height * width * 3))};
  uint64_t state = 1;
  for (uint8_t& value : image.rgb) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    value = static_cast<uint8_t>(state >> 56);
  }
  return image;
}

uint64_t fnv1a(const std::vector<uint8_t>& bytes) {
  uint64_t value = 0xCBF29CE484222325;
  for (const uint8_t byte : bytes) value = (value ^ byte) * 0x100000001B3;
  return value;
}

Recipe::Filter filter_named(const std::string& name) {
  if (name == "nearest") return Recipe::Filter::nearest;
  if (name == "bicubic") return Recipe::Filter::bicubic;
  return name == "area" ? Recipe::Filter::area : Recipe::Filter::bilinear;
}

TEST(resize, pictures_equal_those_of_pillow) {
  std::ifstream file(fixture("preprocess/resize_golden.txt"));
  std::string line;
  int count = 0;
  while (std::getline(file, line)) {
    if (line[0] == '#') continue;
    std::istringstream words(line);
    std::string filter;
    int64_t from_height = 0, from_width = 0, height = 0, width = 0;
    uint64_t hash = 0;
    words >> filter >> from_height >> from_width >> height >> width >> std::hex >> hash;
    const Image image =
        resize(noise(from_height, from_width), {.height = height, .width = width, .filter = filter_named(filter)});
    EXPECT_EQ(fnv1a(image.rgb), hash) << line;
    ++count;
  }
  EXPECT_EQ(count, 60);
}

TEST(resize, a_window_equals_that_part_of_the_whole) {
  const Image image = noise(37, 53);
  for (const Recipe::Filter filter :
       {Recipe::Filter::nearest, Recipe::Filter::bilinear, Recipe::Filter::bicubic, Recipe::Filter::area})
    for (const int64_t size : {16, 37, 64}) {
      const ResizeOptions options = {.height = size, .width = size + 7, .filter = filter};
      const Image whole = resize(image, options);
      const Window window = {.top = 3, .left = 5, .height = size - 4, .width = 9};
      const Image part = resize(image, options, window);
      for (int64_t y = 0; y < window.height; ++y)
        for (int64_t i = 0; i < window.width * 3; ++i)
          ASSERT_EQ(part.rgb[static_cast<size_t>(y * window.width * 3 + i)],
                    whole.rgb[static_cast<size_t>(((y + window.top) * whole.width + window.left) * 3 + i)]);
    }
}

// Bilinear without antialias is a weighted mean of the four pixels around the centre, with the border repeated.
TEST(resize, without_antialias_bilinear_takes_four_pixels) {
  const Image image = noise(40, 60);
  const int64_t out = 13;
  const Image small =
      resize(image, {.height = out, .width = out, .filter = Recipe::Filter::bilinear, .antialias = false});
  const auto pixel = [&](int64_t y, int64_t x, int64_t c) {
    y = std::clamp<int64_t>(y, 0, image.height - 1);
    x = std::clamp<int64_t>(x, 0, image.width - 1);
    return static_cast<double>(image.rgb[static_cast<size_t>((y * image.width + x) * 3 + c)]);
  };
  for (int64_t oy = 0; oy < out; ++oy)
    for (int64_t ox = 0; ox < out; ++ox)
      for (int64_t c = 0; c < 3; ++c) {
        const double y = (static_cast<double>(oy) + 0.5) * 40 / 13 - 0.5;
        const double x = (static_cast<double>(ox) + 0.5) * 60 / 13 - 0.5;
        const int64_t y0 = static_cast<int64_t>(std::floor(y));
        const int64_t x0 = static_cast<int64_t>(std::floor(x));
        const double fy = y - static_cast<double>(y0);
        const double fx = x - static_cast<double>(x0);
        const double expected = (1 - fy) * ((1 - fx) * pixel(y0, x0, c) + fx * pixel(y0, x0 + 1, c)) +
                                fy * ((1 - fx) * pixel(y0 + 1, x0, c) + fx * pixel(y0 + 1, x0 + 1, c));
        // Two roundings to 8 bits, half a step each.
        EXPECT_NEAR(small.rgb[static_cast<size_t>((oy * out + ox) * 3 + c)], expected, 1.01);
      }
}

TEST(resize, a_flat_picture_stays_flat) {
  const Image flat{5, 9, std::vector<uint8_t>(5 * 9 * 3, 200)};
  for (const Recipe::Filter filter :
       {Recipe::Filter::nearest, Recipe::Filter::bilinear, Recipe::Filter::bicubic, Recipe::Filter::area})
    for (const bool antialias : {true, false})
      for (const uint8_t value : resize(flat, {.height = 3, .width = 40, .filter = filter, .antialias = antialias}).rgb)
        EXPECT_EQ(value, 200);
}

}  // namespace
}  // namespace espalier
