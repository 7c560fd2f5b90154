// Boxes and letters land where they should, and stay inside the picture.
#include "dataset/draw.h"

#include <gtest/gtest.h>

#include <algorithm>
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

TEST(draw, a_face_has_dots_at_its_key_points) {
  Image image = black(100, 100);
  draw_detections(image, {{.left = 20, .top = 30, .right = 80, .bottom = 90, .score = 1, .key_points = {{50, 60, 1}}}},
                  {"face"});
  EXPECT_FALSE(is_black(image, 60, 50));
  EXPECT_TRUE(is_black(image, 70, 50));
}

TEST(draw, a_body_of_coco_has_limbs_and_another_one_points_only) {
  Pose pose;
  for (int k = 0; k < 17; ++k) pose.key_points.push_back({10, 10, 0});  // hidden
  pose.key_points[5] = {20, 50, 1};                                     // left shoulder
  pose.key_points[7] = {80, 50, 1};                                     // left elbow
  Image image = black(100, 100);
  draw_poses(image, {pose});
  EXPECT_FALSE(is_black(image, 50, 50)) << "the upper arm";
  EXPECT_TRUE(is_black(image, 10, 10)) << "a point with a low score";
  pose.key_points.pop_back();
  image = black(100, 100);
  draw_poses(image, {pose});
  EXPECT_TRUE(is_black(image, 50, 50));
  EXPECT_FALSE(is_black(image, 50, 80));
}

TEST(draw, a_text_box_is_an_outline) {
  Image image = black(100, 100);
  draw_text_boxes(image, {{.corners = {{{50, 30}, {90, 60}, {50, 90}, {20, 60}}}, .score = 0.5f}});
  EXPECT_FALSE(is_black(image, 45, 70)) << "halfway between the first two corners";
  EXPECT_TRUE(is_black(image, 60, 50));
}

TEST(draw, a_mask_tints_all_classes_but_the_first) {
  Image image = {40, 40, std::vector<uint8_t>(40 * 40 * 3, 200)};
  Mask mask = {.height = 40, .width = 40, .classes = std::vector<uint8_t>(40 * 40, 0)};
  mask.classes[30 * 40 + 30] = 1;
  mask.classes[30 * 40 + 31] = Mask::kUnseen;
  draw_mask(image, mask, {"nothing", "cat"});
  const auto red = [&](int64_t y, int64_t x) { return image.rgb[static_cast<size_t>((y * 40 + x) * 3)]; };
  EXPECT_EQ(red(30, 29), 200);
  EXPECT_NE(image.rgb[(30 * 40 + 30) * 3 + 1], 200);
  EXPECT_EQ(red(30, 31), 100) << "darkened";
}

TEST(draw, depth_replaces_the_picture_dark_to_bright) {
  Image image = black(1, 3);
  draw_depth(image, {.height = 1, .width = 3, .values = {NAN, -2, 5}});
  EXPECT_TRUE(is_black(image, 0, 0));
  EXPECT_LT(image.rgb[3], 10);
  EXPECT_GT(image.rgb[6], 200);
  draw_depth(image, {.height = 1, .width = 3, .values = {4, 4, 4}});  // no range to divide by
}

TEST(draw, results_of_another_size_and_wild_places_do_no_harm) {
  Image image = black(9, 5);
  draw_mask(image, {.height = 2, .width = 2, .classes = {1, 1, 1, 1}}, {});
  draw_depth(image, {.height = 2, .width = 2, .values = {1, 2, 3, 4}});
  EXPECT_TRUE(std::all_of(image.rgb.begin(), image.rgb.end(), [](uint8_t value) { return value == 0; }));
  draw_text_boxes(image, {{.corners = {{{-1e30f, NAN}, {1e30f, 2}, {INFINITY, 8}, {3, -INFINITY}}}, .score = NAN}});
  draw_poses(image, {{.key_points = std::vector<KeyPoint>(17, {NAN, 1e30f, 1})}});
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
