// Where each geometry puts the picture, and that the geometry it reports leads back.
#include "preprocess/apply_recipe.h"

#include <gtest/gtest.h>

namespace espalier {
namespace {

Image numbered(int64_t height, int64_t width) {
  Image image{height, width, {}};
  for (int64_t y = 0; y < height; ++y)
    for (int64_t x = 0; x < width; ++x)
      for (const int64_t value : {y, x, int64_t{99}}) image.rgb.push_back(static_cast<uint8_t>(value));
  return image;
}

Recipe recipe_of(Recipe::Fit geometry, int64_t height, int64_t width) {
  Recipe recipe;
  recipe.geometry = geometry;
  recipe.height = height;
  recipe.width = width;
  return recipe;
}

std::array<int, 3> pixel(const Prepared& prepared, int64_t y, int64_t x) {
  const uint8_t* at = prepared.pixels.rgb.data() + (y * prepared.pixels.width + x) * 3;
  return {at[0], at[1], at[2]};
}

std::string message(const Result<Prepared>& prepared) {
  return prepared.ok() ? "no error" : prepared.error().message();
}

TEST(apply_recipe, stretch_scales_each_side_on_its_own) {
  const Prepared prepared = *prepare(numbered(10, 20), recipe_of(Recipe::Fit::stretch, 5, 40));
  EXPECT_EQ(prepared.pixels.height, 5);
  EXPECT_EQ(prepared.pixels.width, 40);
  EXPECT_EQ(prepared.geometry.scale_x, 2);
  EXPECT_EQ(prepared.geometry.scale_y, 0.5);
  EXPECT_EQ(prepared.geometry.picture_height, 10);
}

TEST(apply_recipe, letterbox_pads_below_or_on_both_sides) {
  Recipe recipe = recipe_of(Recipe::Fit::letterbox, 16, 16);
  recipe.anchor = Recipe::Anchor::top_left;
  const Prepared top = *prepare(numbered(8, 16), recipe);
  EXPECT_EQ(pixel(top, 7, 15), (std::array{7, 15, 99}));
  EXPECT_EQ(pixel(top, 8, 0), (std::array{114, 114, 114}));
  EXPECT_EQ(top.geometry.offset_y, 0);

  recipe.anchor = Recipe::Anchor::center;
  recipe.pad_value = 3;
  const Prepared middle = *prepare(numbered(8, 16), recipe);
  EXPECT_EQ(pixel(middle, 3, 0), (std::array{3, 3, 3}));
  EXPECT_EQ(pixel(middle, 4, 5), (std::array{0, 5, 99}));
  EXPECT_EQ(pixel(middle, 12, 0), (std::array{3, 3, 3}));
  EXPECT_EQ(middle.geometry.offset_y, 4);

  const Prepared tall = *prepare(numbered(16, 8), recipe);
  EXPECT_EQ(tall.geometry.offset_x, 4);
  EXPECT_EQ(pixel(tall, 2, 4), (std::array{2, 0, 99}));
}

TEST(apply_recipe, letterbox_never_loses_a_side) {
  const Prepared line = *prepare(numbered(1, 200), recipe_of(Recipe::Fit::letterbox, 8, 8));
  EXPECT_EQ(line.geometry.scale_y, 1);  // 0.04 rows are one row
  const Prepared rounded = *prepare(numbered(100, 30), recipe_of(Recipe::Fit::letterbox, 9, 9));
  EXPECT_DOUBLE_EQ(rounded.geometry.scale_x, 3.0 / 30);  // 2.7 columns are 3
}

TEST(apply_recipe, short_side_crop_takes_the_middle) {
  Recipe recipe = recipe_of(Recipe::Fit::short_side_crop, 8, 8);
  recipe.resize_short = 10;
  const Prepared prepared = *prepare(numbered(10, 21), recipe);
  EXPECT_EQ(prepared.geometry.offset_y, -1);
  EXPECT_EQ(prepared.geometry.offset_x, -6);  // (21 - 8) / 2 = 6.5, to the even neighbour
  EXPECT_EQ(pixel(prepared, 0, 0), (std::array{1, 6, 99}));
  EXPECT_EQ(pixel(prepared, 7, 7), (std::array{8, 13, 99}));
  // The long side is rounded down: 256 * 333 / 200 = 426.24.
  recipe.resize_short = 256;
  EXPECT_DOUBLE_EQ(prepare(numbered(333, 200), recipe)->geometry.scale_y, 426.0 / 333);
}

TEST(apply_recipe, an_extreme_picture_costs_only_its_crop) {
  Recipe recipe = recipe_of(Recipe::Fit::short_side_crop, 224, 224);
  recipe.resize_short = 256;
  EXPECT_TRUE(prepare(numbered(1, 32768), recipe).ok());  // 256 x 8388608 pixels would be 6 GB
}

TEST(apply_recipe, bgr_swaps_the_outer_channels) {
  Recipe recipe = recipe_of(Recipe::Fit::stretch, 4, 4);
  recipe.color = Recipe::Color::bgr;
  EXPECT_EQ(pixel(*prepare(numbered(4, 4), recipe), 1, 2), (std::array{99, 2, 1}));
}

TEST(apply_recipe, ten_views_are_four_corners_the_centre_and_their_mirrors) {
  Recipe recipe = recipe_of(Recipe::Fit::short_side_crop, 4, 4);
  recipe.resize_short = 6;
  const std::vector<Prepared> views = *prepare_ten_views(numbered(6, 8), recipe);
  ASSERT_EQ(views.size(), 10u);
  EXPECT_EQ(pixel(views[0], 0, 0), (std::array{0, 0, 99}));
  EXPECT_EQ(pixel(views[1], 0, 0), (std::array{0, 4, 99}));
  EXPECT_EQ(pixel(views[2], 0, 0), (std::array{2, 0, 99}));
  EXPECT_EQ(pixel(views[3], 3, 3), (std::array{5, 7, 99}));
  EXPECT_EQ(pixel(views[4], 0, 0), (std::array{1, 2, 99}));
  EXPECT_EQ(pixel(views[6], 0, 0), (std::array{0, 7, 99}));
  // Input 0.5 of the mirrored right crop is the picture's last pixel, whose centre is 7.5.
  const Geometry& geometry = views[6].geometry;
  EXPECT_DOUBLE_EQ((0.5 - geometry.offset_x) / geometry.scale_x, 7.5);
}

TEST(apply_recipe, contradictions_are_errors) {
  EXPECT_EQ(message(prepare(Image{}, recipe_of(Recipe::Fit::stretch, 4, 4))), "the picture is empty: 0 x 0 pixels");
  EXPECT_EQ(message(prepare(numbered(2, 2), Recipe{})), "the recipe's size must be 1 x 1 or more, is 0 x 0");
  Recipe recipe = recipe_of(Recipe::Fit::short_side_crop, 8, 4);
  recipe.resize_short = 7;
  EXPECT_EQ(message(prepare(numbered(2, 2), recipe)),
            "the recipe's resize_short is 7; it must be at least 8, so that a crop of 8 x 4 fits");
  const Result<std::vector<Prepared>> views =
      prepare_ten_views(numbered(2, 2), recipe_of(Recipe::Fit::letterbox, 4, 4));
  ASSERT_FALSE(views.ok());
  EXPECT_NE(views.error().message().find("ten views need a recipe with geometry short_side_crop"), std::string::npos);
}

}  // namespace
}  // namespace espalier
