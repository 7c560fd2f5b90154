// Every stroke is made of filled rectangles (dataset/paint.h).
#include "dataset/paint.h"

#include <algorithm>
#include <cmath>

#include "dataset/font.h"

namespace espalier {
namespace {

constexpr std::array<Color, 8> kPalette = {{{230, 57, 70},
                                            {29, 120, 200},
                                            {46, 160, 67},
                                            {200, 110, 0},
                                            {142, 68, 173},
                                            {0, 140, 140},
                                            {190, 30, 120},
                                            {90, 90, 90}}};

}  // namespace

const Color& palette_color(int64_t index) { return kPalette[static_cast<size_t>(index) % kPalette.size()]; }

void fill(Image& image, Area area, const Color& color) {
  area.left = std::max<int64_t>(area.left, 0);
  area.top = std::max<int64_t>(area.top, 0);
  area.right = std::min(area.right, image.width);
  area.bottom = std::min(area.bottom, image.height);
  for (int64_t y = area.top; y < area.bottom; ++y)
    for (int64_t x = area.left; x < area.right; ++x)
      std::copy(color.begin(), color.end(), image.rgb.begin() + (y * image.width + x) * 3);
}

void tint(Image& image, int64_t y, int64_t x, const Color& color) {
  uint8_t* pixel = image.rgb.data() + (y * image.width + x) * 3;
  for (size_t i = 0; i < color.size(); ++i) pixel[i] = static_cast<uint8_t>((pixel[i] + color[i]) / 2);
}

int64_t dot_size(const Image& image) { return std::max<int64_t>(1, (std::min(image.height, image.width) + 479) / 480); }

int64_t edge(float value, int64_t extent) {
  return std::lround(std::clamp(std::isnan(value) ? 0.0f : value, 0.0f, static_cast<float>(extent)));
}

void draw_dot(Image& image, const Point& place, int64_t size, const Color& color) {
  const bool inside = place.x >= 0 && place.x <= static_cast<float>(image.width) && place.y >= 0 &&
                      place.y <= static_cast<float>(image.height);
  if (!inside) return;
  const int64_t left = edge(place.x, image.width) - size / 2;
  const int64_t top = edge(place.y, image.height) - size / 2;
  fill(image, {left, top, left + size, top + size}, color);
}

void draw_line(Image& image, const Point& from, const Point& to, int64_t size, const Color& color) {
  const int64_t from_x = edge(from.x, image.width);
  const int64_t from_y = edge(from.y, image.height);
  const int64_t right = edge(to.x, image.width) - from_x;
  const int64_t down = edge(to.y, image.height) - from_y;
  const int64_t steps = std::max<int64_t>({std::abs(right), std::abs(down), 1});
  for (int64_t step = 0; step <= steps; ++step) {
    const int64_t left = from_x + right * step / steps - size / 2;
    const int64_t top = from_y + down * step / steps - size / 2;
    fill(image, {left, top, left + size, top + size}, color);
  }
}

int64_t text_height(int64_t dot) { return (kGlyphHeight + 2) * dot; }

int64_t text_width(const std::string& text, int64_t dot) {
  return (static_cast<int64_t>(text.size()) * (kGlyphWidth + 1) + 1) * dot;
}

void draw_text(Image& image, int64_t left, int64_t top, const std::string& text, const Color& ink,
               const Color& ground) {
  const int64_t dot = dot_size(image);
  fill(image, {left, top, left + text_width(text, dot), top + text_height(dot)}, ground);
  int64_t letter_left = left + dot;
  for (const char letter : text) {
    for (int64_t y = 0; y < kGlyphHeight; ++y)
      for (int64_t x = 0; x < kGlyphWidth; ++x) {
        const int64_t dot_left = letter_left + x * dot;
        const int64_t dot_top = top + (1 + y) * dot;
        if (glyph_dot(letter, x, y)) fill(image, {dot_left, dot_top, dot_left + dot, dot_top + dot}, ink);
      }
    letter_left += (kGlyphWidth + 1) * dot;
  }
}

void draw_label(Image& image, int64_t left, int64_t bottom, const std::string& text, const Color& ground) {
  const int64_t dot = dot_size(image);
  const int64_t above = bottom - text_height(dot);
  left = std::max<int64_t>(0, std::min(left, image.width - text_width(text, dot)));
  draw_text(image, left, above >= 0 ? above : bottom, text, kWhite, ground);
}

}  // namespace espalier
