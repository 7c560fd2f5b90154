// Results with a value for every pixel: masks as tints, depth as colours.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "dataset/draw.h"
#include "dataset/paint.h"

namespace espalier {
namespace {

// Dark blue to yellow through red, of rising brightness, so that it reads in grey too.
constexpr std::array<Color, 6> kHeat = {
    {{0, 0, 20}, {60, 10, 110}, {150, 40, 110}, {220, 80, 60}, {250, 160, 40}, {250, 250, 160}}};

// `share` from 0 to 1 between the colours of the scale.
Color heat_color(double share) {
  const double place = std::clamp(share, 0.0, 1.0) * static_cast<double>(kHeat.size() - 1);
  const size_t first = std::min(static_cast<size_t>(place), kHeat.size() - 2);
  Color color{};
  for (size_t i = 0; i < color.size(); ++i) {
    const double from = kHeat[first][i];
    color[i] = static_cast<uint8_t>(from + (kHeat[first + 1][i] - from) * (place - static_cast<double>(first)));
  }
  return color;
}

// Class 1, often the only one, has the colour of a first class.
const Color& mask_color(int64_t class_index) { return palette_color(class_index - 1); }

void draw_legend(Image& image, const std::map<int64_t, int64_t>& pixel_counts,
                 const std::vector<std::string>& class_names) {
  const double total = static_cast<double>(image.height * image.width);
  int64_t top = 0;
  for (const auto& [class_index, count] : pixel_counts) {
    const size_t index = static_cast<size_t>(class_index);
    const std::string name = index < class_names.size() ? class_names[index] : fmt::format("class {}", class_index);
    draw_text(image, 0, top, fmt::format("{} {:.0f}%", name, 100 * static_cast<double>(count) / total), kWhite,
              mask_color(class_index));
    top += text_height(dot_size(image));
  }
}

}  // namespace

void draw_mask(Image& image, const Mask& mask, const std::vector<std::string>& class_names) {
  if (mask.height != image.height || mask.width != image.width) return;
  std::map<int64_t, int64_t> pixel_counts;
  for (int64_t y = 0; y < image.height; ++y)
    for (int64_t x = 0; x < image.width; ++x) {
      const uint8_t found = mask.classes[static_cast<size_t>(y * image.width + x)];
      if (found == 0) continue;
      tint(image, y, x, found == Mask::kUnseen ? kBlack : mask_color(found));
      if (found != Mask::kUnseen) ++pixel_counts[found];
    }
  draw_legend(image, pixel_counts, class_names);
}

void draw_depth(Image& image, const DepthMap& depth) {
  if (depth.height != image.height || depth.width != image.width) return;
  double low = INFINITY;
  double high = -INFINITY;
  for (const float value : depth.values) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, static_cast<double>(value));
    high = std::max(high, static_cast<double>(value));
  }
  const double range = high > low ? high - low : 1;
  for (size_t i = 0; i < depth.values.size(); ++i) {
    const double value = static_cast<double>(depth.values[i]);
    const Color color = std::isfinite(value) ? heat_color((value - low) / range) : kBlack;
    std::copy(color.begin(), color.end(), image.rgb.begin() + static_cast<std::ptrdiff_t>(3 * i));
  }
}

}  // namespace espalier
