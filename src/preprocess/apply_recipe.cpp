// prepare and prepare_ten_views: how stretch, letterbox and short_side_crop place a picture in the input.
#include "preprocess/apply_recipe.h"

#include <algorithm>

#include "base/check.h"
#include "preprocess/resize.h"

namespace espalier {
namespace {

constexpr int64_t kChannels = 3;

Status check_recipe(const Image& image, const Recipe& recipe) {
  if (image.height < 1 || image.width < 1)
    return error("the picture is empty: {} x {} pixels", image.height, image.width);
  CHECK(static_cast<int64_t>(image.rgb.size()) == image.height * image.width * kChannels);
  if (recipe.height < 1 || recipe.width < 1)
    return error("the recipe's size must be 1 x 1 or more, is {} x {}", recipe.height, recipe.width);
  const int64_t larger = std::max(recipe.height, recipe.width);
  if (recipe.geometry == Recipe::Fit::short_side_crop && recipe.resize_short != 0 && recipe.resize_short < larger)
    return error("the recipe's resize_short is {}; it must be at least {}, so that a crop of {} x {} fits",
                 recipe.resize_short, larger, recipe.height, recipe.width);
  return {};
}

// a * b / c rounded to nearest, a half up.
int64_t scaled(int64_t a, int64_t b, int64_t c) { return (2 * a * b + c) / (2 * c); }

// value / 2, a half to the even neighbour, as torchvision's CenterCrop rounds.
int64_t half(int64_t value) { return value / 2 + (value % 4 == 3 ? 1 : 0); }

ResizeOptions resized_to(int64_t height, int64_t width, const Recipe& recipe) {
  return {.height = height, .width = width, .filter = recipe.filter, .antialias = recipe.antialias};
}

// Geometry of a picture resized to height x width whose top left corner lies at (offset_y, offset_x) of the input.
Geometry geometry_of(const Image& image, int64_t height, int64_t width, int64_t offset_y, int64_t offset_x) {
  return {.scale_x = static_cast<double>(width) / static_cast<double>(image.width),
          .scale_y = static_cast<double>(height) / static_cast<double>(image.height),
          .offset_x = static_cast<double>(offset_x),
          .offset_y = static_cast<double>(offset_y),
          .picture_height = image.height,
          .picture_width = image.width};
}

Prepared stretch(const Image& image, const Recipe& recipe) {
  return {resize(image, resized_to(recipe.height, recipe.width, recipe)),
          geometry_of(image, recipe.height, recipe.width, 0, 0)};
}

// The largest size of the picture's shape that fits in the input; the side that does not fill it is rounded to nearest.
Prepared letterbox(const Image& image, const Recipe& recipe) {
  int64_t height = recipe.height;
  int64_t width = recipe.width;
  if (recipe.height * image.width < recipe.width * image.height)
    width = std::clamp<int64_t>(scaled(image.width, recipe.height, image.height), 1, recipe.width);
  else
    height = std::clamp<int64_t>(scaled(image.height, recipe.width, image.width), 1, recipe.height);
  const bool centered = recipe.anchor == Recipe::Anchor::center;
  const int64_t top = centered ? (recipe.height - height) / 2 : 0;
  const int64_t left = centered ? (recipe.width - width) / 2 : 0;

  const Image inner = resize(image, resized_to(height, width, recipe));
  Image pixels{recipe.height, recipe.width, {}};
  pixels.rgb.assign(static_cast<size_t>(recipe.height * recipe.width * kChannels), recipe.pad_value);
  for (int64_t y = 0; y < height; ++y)
    std::copy_n(inner.rgb.begin() + y * width * kChannels, width * kChannels,
                pixels.rgb.begin() + ((top + y) * recipe.width + left) * kChannels);
  return {std::move(pixels), geometry_of(image, height, width, top, left)};
}

// The picture resized so that its short side is resize_short; the long side is rounded down, as in torchvision.
struct Resized {
  int64_t height;
  int64_t width;
};

Resized short_side_size(const Image& image, const Recipe& recipe) {
  const int64_t side = recipe.resize_short != 0 ? recipe.resize_short : std::max(recipe.height, recipe.width);
  if (image.height < image.width) return {side, side * image.width / image.height};
  return {side * image.height / image.width, side};
}

Prepared crop(const Image& image, const Recipe& recipe, const Resized& size, int64_t top, int64_t left) {
  return {resize(image, resized_to(size.height, size.width, recipe), {top, left, recipe.height, recipe.width}),
          geometry_of(image, size.height, size.width, -top, -left)};
}

Prepared center_crop(const Image& image, const Recipe& recipe) {
  const Resized size = short_side_size(image, recipe);
  return crop(image, recipe, size, half(size.height - recipe.height), half(size.width - recipe.width));
}

// A mirrored view: x becomes width - x, in pixels and in the geometry.
Prepared mirrored(const Prepared& view) {
  Prepared result = view;
  const int64_t width = view.pixels.width;
  for (int64_t y = 0; y < view.pixels.height; ++y)
    for (int64_t x = 0; x < width; ++x)
      std::copy_n(view.pixels.rgb.begin() + (y * width + x) * kChannels, kChannels,
                  result.pixels.rgb.begin() + (y * width + width - 1 - x) * kChannels);
  result.geometry.scale_x = -view.geometry.scale_x;
  result.geometry.offset_x = static_cast<double>(width) - view.geometry.offset_x;
  return result;
}

void reorder(Image& pixels, Recipe::Color color) {
  if (color == Recipe::Color::rgb) return;
  for (size_t i = 0; i < pixels.rgb.size(); i += kChannels) std::swap(pixels.rgb[i], pixels.rgb[i + 2]);
}

Prepared place(const Image& image, const Recipe& recipe) {
  if (recipe.geometry == Recipe::Fit::letterbox) return letterbox(image, recipe);
  if (recipe.geometry == Recipe::Fit::short_side_crop) return center_crop(image, recipe);
  return stretch(image, recipe);
}

}  // namespace

Result<Prepared> prepare(const Image& image, const Recipe& recipe) {
  TRY_STATUS(check_recipe(image, recipe));
  Prepared prepared = place(image, recipe);
  reorder(prepared.pixels, recipe.color);
  return prepared;
}

Result<std::vector<Prepared>> prepare_ten_views(const Image& image, const Recipe& recipe) {
  TRY_STATUS(check_recipe(image, recipe));
  if (recipe.geometry != Recipe::Fit::short_side_crop)
    return error("ten views need a recipe with geometry short_side_crop; this one shows the whole picture already");
  const Resized size = short_side_size(image, recipe);
  const int64_t bottom = size.height - recipe.height;
  const int64_t right = size.width - recipe.width;
  std::vector<Prepared> views = {crop(image, recipe, size, 0, 0), crop(image, recipe, size, 0, right),
                                 crop(image, recipe, size, bottom, 0), crop(image, recipe, size, bottom, right),
                                 center_crop(image, recipe)};
  for (Prepared& view : views) reorder(view.pixels, recipe.color);
  for (size_t i = 0; i < 5; ++i) views.push_back(mirrored(views[i]));
  return views;
}

}  // namespace espalier
