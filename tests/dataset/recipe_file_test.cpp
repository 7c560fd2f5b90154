// Recipes as text: the bundled ones, the canonical form, and a sentence for every mistake.
#include "dataset/recipe_file.h"

#include <gtest/gtest.h>

#include "material.h"

namespace espalier {
namespace {

std::string said(const std::string& text) {
  const Result<Recipe> recipe = parse_recipe(text, "r.json");
  return recipe.ok() ? "no error" : recipe.error().message();
}

TEST(recipe_file, bundled_recipes_read) {
  const std::string folder = std::string(ESPALIER_SOURCE_DIR) + "/docs/recipes/";
  const Result<Recipe> yolox = read_recipe(folder + "yolox_nano.json");
  ASSERT_TRUE(yolox.ok()) << yolox.error().message();
  EXPECT_EQ(yolox->geometry, Recipe::Fit::letterbox);
  EXPECT_EQ(yolox->anchor, Recipe::Anchor::top_left);
  EXPECT_EQ(yolox->color, Recipe::Color::bgr);
  EXPECT_FALSE(yolox->antialias);
  const Result<Recipe> lite = read_recipe(folder + "efficientnet_lite0.json");
  ASSERT_TRUE(lite.ok()) << lite.error().message();
  EXPECT_EQ(lite->resize_short, 256);
  EXPECT_EQ(lite->filter, Recipe::Filter::bicubic);
  EXPECT_EQ(lite->add, (std::array<float, 3>{-127, -127, -127}));
  EXPECT_EQ(lite->mul[2], 1.0f / 128);
  const Result<Recipe> cifar = read_recipe(folder + "resnet20_cifar10.json");
  ASSERT_TRUE(cifar.ok()) << cifar.error().message();
  EXPECT_FLOAT_EQ((255 + cifar->add[0]) * cifar->mul[0], (1 - 0.485f) / 0.229f);
  EXPECT_FLOAT_EQ((0 + cifar->add[2]) * cifar->mul[2], -0.406f / 0.225f);
}

TEST(recipe_file, canonical_text_reads_back_and_is_a_fixed_point) {
  Recipe recipe;
  recipe.height = 240;
  recipe.width = 320;
  recipe.mul = {0.1f, 1.0f / 3, 1e-20f};
  recipe.input = "image \"left\"";
  const std::string text = to_json(recipe);
  EXPECT_EQ(text.substr(0, text.find("filter")),
            "{\n  \"size\": [240, 320],\n  \"geometry\": \"stretch\",\n  \"resize_short\": 0,\n  "
            "\"pad_value\": 114,\n"
            "  \"anchor\": \"center\",\n  \"");
  const Result<Recipe> again = parse_recipe(text, "r.json");
  ASSERT_TRUE(again.ok()) << again.error().message();
  EXPECT_EQ(again->mul, recipe.mul);
  EXPECT_EQ(again->input, recipe.input);
  EXPECT_EQ(to_json(*again), text);
}

TEST(recipe_file, mistakes_are_named) {
  EXPECT_EQ(said("{"), "r.json: is not valid JSON");
  EXPECT_EQ(said("[1]"), "r.json: must be a JSON object, {\"size\": [height, width], ...}");
  EXPECT_EQ(said("{}"), "r.json: the key \"size\": [height, width] is missing");
  EXPECT_EQ(said(R"({"sise": [1, 1]})"),
            "r.json: unknown key \"sise\"; known are size, geometry, resize_short, pad_value, anchor, "
            "filter, antialias, color, "
            "add, mul, input");
  EXPECT_EQ(said(R"({"size": [0, 4]})"), "r.json: \"size\": must be a whole number from 1 to 32768, is 0");
  EXPECT_EQ(said(R"({"size": [1.5, 4]})"), "r.json: \"size\": must be a whole number from 1 to 32768, is 1.5");
  EXPECT_EQ(said(R"({"size": [18446744073709551615, 4]})"),
            "r.json: \"size\": must be a whole number from 1 to 32768, is 18446744073709551615");
  EXPECT_EQ(said(R"({"size": 224})"), "r.json: \"size\": must be [height, width], is 224");
  EXPECT_EQ(said(R"({"size": [4, 4], "filter": "lanczos"})"),
            "r.json: \"filter\": is \"lanczos\"; known are \"nearest\", \"bilinear\", \"bicubic\", \"area\"");
  EXPECT_EQ(said(R"({"size": [4, 4], "color": 3})"), "r.json: \"color\": is 3; known are \"rgb\", \"bgr\"");
  EXPECT_EQ(said(R"({"size": [4, 4], "pad_value": 256})"),
            "r.json: \"pad_value\": must be a whole number from 0 to 255, is 256");
  EXPECT_EQ(said(R"({"size": [4, 4], "antialias": 1})"), "r.json: \"antialias\": must be true or false, is 1");
  EXPECT_EQ(said(R"({"size": [4, 4], "add": [1, 2]})"),
            "r.json: \"add\": must be a number or a list of 3 numbers, is a list of 2");
  EXPECT_EQ(said(R"({"size": [4, 4], "add": 1e40})"), "r.json: \"add\": holds 1e+40, which is too large");
  EXPECT_EQ(said(R"({"size": [4, 4], "mul": [1, 0, 1]})"), "r.json: \"mul\": holds 0, which makes every pixel 0");
  EXPECT_EQ(said(R"({"size": [4, 4], "input": 0})"), "r.json: \"input\": must be the name of an input, is 0");
  EXPECT_EQ(said(R"({"size": [224, 200], "geometry": "short_side_crop", "resize_short": 223})"),
            "r.json: \"resize_short\" is 223; it must be at least 224, so that a crop of 224 x 200 fits");
  EXPECT_EQ(said(R"({"size": [4, 4], "geometry": )" + std::string(100000, '[') + std::string(100000, ']') + "}"),
            "r.json: \"geometry\": is a list of 1; known are \"stretch\", \"letterbox\", \"short_side_crop\"");
  EXPECT_FALSE(read_recipe("/no/such/recipe.json").ok());
}

}  // namespace
}  // namespace espalier
