// The strokes that drawings are made of: rectangles, lines, dots, text. Everything is clipped to the picture.
#pragma once

#include <array>
#include <string>

#include "espalier/vision.h"

namespace espalier {

using Color = std::array<uint8_t, 3>;

constexpr Color kWhite = {255, 255, 255};
constexpr Color kBlack = {0, 0, 0};

// Neighbouring classes differ; every colour carries white text readably. Requires: index >= 0.
const Color& palette_color(int64_t index);

// [left, right) x [top, bottom).
struct Area {
  int64_t left, top, right, bottom;
};
void fill(Image& image, Area area, const Color& color);

// Mixes a colour into a pixel half and half. Requires: the pixel is inside.
void tint(Image& image, int64_t y, int64_t x, const Color& color);

// Pixels per dot of a letter, also the measure of lines: 1 up to 480 pixels of the smaller side, 2 up to 960, ...
int64_t dot_size(const Image& image);

// A coordinate as a pixel edge, inside the picture even for wild values.
int64_t edge(float value, int64_t extent);

// A square of `size` pixels around a place; nothing when the place is outside of the picture or not finite.
void draw_dot(Image& image, const Point& place, int64_t size, const Color& color);
// A line of the thickness `size`; its ends are moved into the picture.
void draw_line(Image& image, const Point& from, const Point& to, int64_t size, const Color& color);

int64_t text_height(int64_t dot);
int64_t text_width(const std::string& text, int64_t dot);
// Text on a filled background whose top left corner is given. Letters outside of ASCII look like '?'.
void draw_text(Image& image, int64_t left, int64_t top, const std::string& text, const Color& ink, const Color& ground);
// The same above a place, or below its edge where there is no room above, pushed left where it would leave the picture.
void draw_label(Image& image, int64_t left, int64_t bottom, const std::string& text, const Color& ground);

}  // namespace espalier
