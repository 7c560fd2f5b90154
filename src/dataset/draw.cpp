// Filled rectangles are all there is: box sides, label backgrounds and the dots of letters.
#include "dataset/draw.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "dataset/font.h"

namespace espalier {
namespace {

using Color = std::array<uint8_t, 3>;

constexpr Color kWhite = {255, 255, 255};
constexpr Color kBlack = {0, 0, 0};
// Neighbouring classes differ; every colour carries white or black text readably.
constexpr std::array<Color, 8> kPalette = {{{230, 57, 70},
                                            {29, 120, 200},
                                            {46, 160, 67},
                                            {200, 110, 0},
                                            {142, 68, 173},
                                            {0, 140, 140},
                                            {190, 30, 120},
                                            {90, 90, 90}}};

// [left, right) x [top, bottom), clipped to the picture.
struct Area {
  int64_t left, top, right, bottom;
};

void fill(Image& image, Area area, const Color& color) {
  area.left = std::max<int64_t>(area.left, 0);
  area.top = std::max<int64_t>(area.top, 0);
  area.right = std::min(area.right, image.width);
  area.bottom = std::min(area.bottom, image.height);
  for (int64_t y = area.top; y < area.bottom; ++y)
    for (int64_t x = area.left; x < area.right; ++x)
      std::copy(color.begin(), color.end(), image.rgb.begin() + (y * image.width + x) * 3);
}

// Pixels per dot of a letter: 1 up to 480 pixels of the smaller side, 2 up to 960, ...
int64_t dot_size(const Image& image) { return std::max<int64_t>(1, (std::min(image.height, image.width) + 479) / 480); }

int64_t text_height(int64_t dot) { return (kGlyphHeight + 2) * dot; }

int64_t text_width(const std::string& text, int64_t dot) {
  return (static_cast<int64_t>(text.size()) * (kGlyphWidth + 1) + 1) * dot;
}

// Text on a filled background whose top left corner is given.
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

// A coordinate as a pixel edge, inside the picture even for wild values.
int64_t edge(float value, int64_t extent) {
  return std::lround(std::clamp(std::isnan(value) ? 0.0f : value, 0.0f, static_cast<float>(extent)));
}

void draw_detection(Image& image, const Detection& detection, const std::string& label) {
  const Color& color = kPalette[static_cast<size_t>(detection.class_index) % kPalette.size()];
  const int64_t line = dot_size(image) + 1;
  const Area box = {edge(detection.left, image.width), edge(detection.top, image.height),
                    edge(detection.right, image.width), edge(detection.bottom, image.height)};
  fill(image, {box.left, box.top, box.right, std::min(box.top + line, box.bottom)}, color);
  fill(image, {box.left, std::max(box.bottom - line, box.top), box.right, box.bottom}, color);
  fill(image, {box.left, box.top, std::min(box.left + line, box.right), box.bottom}, color);
  fill(image, {std::max(box.right - line, box.left), box.top, box.right, box.bottom}, color);
  // Above the box; inside where there is no room above; pushed left where it would leave the picture.
  const int64_t dot = dot_size(image);
  const int64_t above = box.top - text_height(dot);
  const int64_t left = std::max<int64_t>(0, std::min(box.left, image.width - text_width(label, dot)));
  draw_text(image, left, above >= 0 ? above : box.top, label, kWhite, color);
}

std::string label_of(const Detection& detection, const std::vector<std::string>& class_names) {
  const size_t index = static_cast<size_t>(detection.class_index);
  const std::string name =
      index < class_names.size() ? class_names[index] : fmt::format("class {}", detection.class_index);
  return fmt::format("{} {:.0f}%", name, static_cast<double>(detection.score) * 100);
}

}  // namespace

void draw_detections(Image& image, const std::vector<Detection>& detections,
                     const std::vector<std::string>& class_names) {
  std::vector<Detection> worst_first = detections;
  std::stable_sort(worst_first.begin(), worst_first.end(),
                   [](const Detection& a, const Detection& b) { return a.score < b.score; });
  for (const Detection& detection : worst_first) draw_detection(image, detection, label_of(detection, class_names));
}

void draw_lines(Image& image, const std::vector<std::string>& lines) {
  int64_t top = 0;
  for (const std::string& line : lines) {
    draw_text(image, 0, top, line, kWhite, kBlack);
    top += text_height(dot_size(image));
  }
}

}  // namespace espalier
