// The letters of draw.h: printable ASCII, 5 x 7 dots.
#pragma once

#include <cstdint>

namespace espalier {

constexpr int64_t kGlyphWidth = 5;
constexpr int64_t kGlyphHeight = 7;

// Whether the letter has ink at the dot. Characters outside of printable ASCII look like '?'.
// Requires: 0 <= x < kGlyphWidth, 0 <= y < kGlyphHeight.
bool glyph_dot(char letter, int64_t x, int64_t y);

}  // namespace espalier
