// The edit distance by rows of its table (Wagner and Fischer 1974) (evaluate/text_match.h).
#include "evaluate/text_match.h"

#include <algorithm>
#include <numeric>
#include <string_view>

namespace espalier {
namespace {

// A byte from 0x80 to 0xBF continues the character before it.
std::vector<std::string_view> characters(const std::string& text) {
  std::vector<std::string_view> all;
  for (size_t i = 0; i < text.size();) {
    size_t end = i + 1;
    while (end < text.size() && (static_cast<uint8_t>(text[end]) & 0xC0) == 0x80) ++end;
    all.push_back(std::string_view(text).substr(i, end - i));
    i = end;
  }
  return all;
}

int64_t distance(const std::vector<std::string_view>& a, const std::vector<std::string_view>& b) {
  std::vector<int64_t> row(b.size() + 1);  // distances of the first i characters of a to each beginning of b
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 0; i < a.size(); ++i) {
    int64_t diagonal = row[0];
    row[0] = static_cast<int64_t>(i) + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const int64_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

int64_t edit_distance(const std::string& a, const std::string& b) { return distance(characters(a), characters(b)); }

std::vector<uint8_t> exact_matches(std::span<const ReadImage> images) {
  std::vector<uint8_t> hits;
  for (const ReadImage& image : images) hits.push_back(image.label == image.text);
  return hits;
}

std::vector<double> similarities(std::span<const ReadImage> images) {
  std::vector<double> shares;
  for (const ReadImage& image : images) {
    const std::vector<std::string_view> label = characters(image.label);
    const std::vector<std::string_view> text = characters(image.text);
    const size_t longer = std::max(label.size(), text.size());
    shares.push_back(longer == 0 ? 1 : 1 - static_cast<double>(distance(label, text)) / static_cast<double>(longer));
  }
  return shares;
}

}  // namespace espalier
