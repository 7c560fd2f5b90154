// Boxes and letters land where they should, and stay inside the picture.
#include "dataset/draw.h"

#include <gtest/gtest.h>

#include <cmath>

#include "dataset/font.h"

namespace espalier {
namespace {

Image black(int64_t height, int64_t width) {
  return {height, width, std::vector<uint8_t>(static_cast<size_t>(height * width * 3))};
}

bool is_black(const Image& image, int64_t y, int64_t x) {
  const size_t at = static_cast<size_t>((y * image.width + x) * 3);
  return image.rgb[at] == 0 && image.rgb[at + 1] == 0 && image.rgb[at + 2] == 0;
}

TEST(draw, a_box_has_four_sides_and_an_empty_inside) {
  Image image = black(100, 100);
  draw_detections(image, {{.left = 20, .top = 30, .right = 80, .bottom = 90, .score = 0.5f}}, {"cat"});
  EXPECT_FALSE(is_black(image, 60, 20));
  EXPECT_FALSE(is_black(image, 60, 79));
  EXPECT_FALSE(is_black(image, 30, 50));
  EXPECT_FALSE(is_black(image, 89, 50));
  EXPECT_TRUE(is_black(image, 60, 50));
  EXPECT_TRUE(is_black(image, 60, 80));
  EXPECT_FALSE(is_black(image, 25, 25)) << "the label lies above the box";
}

TEST(draw, wild_boxes_and_labels_stay_inside) {
  Image image = black(9, 5);
  draw_detections(image,
                  {{.left = -1e30f, .top = -5, .right = 1e30f, .bottom = INFINITY, .score = 1},
                   {.left = NAN, .top = 8, .right = 3, .bottom = 2, .score = NAN, .class_index = 1000000}},
                  {});
  draw_lines(image, {"a long line", "\xC3\xA9", "", "another", "one more"});
  EXPECT_EQ(image.rgb.size(), 9u * 5 * 3);
}

TEST(draw, letters_have_the_dots_of_the_font) {
  Image image = black(9, 7);
  draw_lines(image, {"T"});
  for (int64_t y = 0; y < kGlyphHeight; ++y)
    for (int64_t x = 0; x < kGlyphWidth; ++x) EXPECT_EQ(is_black(image, y + 1, x + 1), !glyph_dot('T', x, y));
  EXPECT_TRUE(glyph_dot('T', 0, 0));
  EXPECT_TRUE(glyph_dot('T', 2, 6));
  EXPECT_FALSE(glyph_dot('T', 0, 6));
}

TEST(draw, no_two_letters_look_alike) {
  std::vector<std::string> seen;
  for (char letter = ' '; letter <= '~'; ++letter) {
    std::string dots;
    for (int64_t y = 0; y < kGlyphHeight; ++y)
      for (int64_t x = 0; x < kGlyphWidth; ++x) dots += glyph_dot(letter, x, y) ? '#' : '.';
    EXPECT_EQ(std::find(seen.begin(), seen.end(), dots), seen.end()) << letter;
    seen.push_back(dots);
  }
}

}  // namespace
}  // namespace espalier
