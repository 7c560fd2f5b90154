// Lines of text against their labels: exactly right or not, and how much of them is right.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace espalier {

// What a network read on one labelled picture, both in UTF-8.
struct ReadImage {
  std::string label;
  std::string text;
};

// Insertions, deletions and replacements of characters that turn one text into the other (Levenshtein). A character is
// a code point; a byte that is no UTF-8 counts as one.
int64_t edit_distance(const std::string& a, const std::string& b);

// Per picture 1 where both are equal, byte for byte; else 0.
std::vector<uint8_t> exact_matches(std::span<const ReadImage> images);

// Per picture 1 - edit distance / characters of the longer one; 1 for two empty texts.
std::vector<double> similarities(std::span<const ReadImage> images);

}  // namespace espalier
