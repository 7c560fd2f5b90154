// The two passes of preprocess/resize.h over tables of fixed-point weights.
#include "preprocess/resize.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace espalier {
namespace {

constexpr int kFractionBits = 22;  // 8 bits of pixel, 22 of weight, 2 for the overshoot of bicubic
constexpr int64_t kChannels = 3;

// The weights of one output pixel: input pixels [begin, begin + count), weights at `offset` in the table.
struct Taps {
  int64_t begin = 0;
  int64_t count = 0;
  size_t offset = 0;
};

// One axis: the taps of output pixels [window begin, window end).
struct Axis {
  std::vector<Taps> taps;
  std::vector<int32_t> weights;
};

double bilinear(double x) {
  x = std::fabs(x);
  return x < 1 ? 1 - x : 0;
}

double bicubic(double x) {
  constexpr double kA = -0.5;
  x = std::fabs(x);
  if (x < 1) return ((kA + 2) * x - (kA + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * kA;
  return 0;
}

double area(double x) { return x > -0.5 && x <= 0.5 ? 1 : 0; }

struct Kernel {
  double support;
  double (*weight)(double);
};

Kernel kernel_of(Recipe::Filter filter) {
  if (filter == Recipe::Filter::bicubic) return {2, bicubic};
  if (filter == Recipe::Filter::area) return {0.5, area};
  return {1, bilinear};
}

int32_t to_fixed(double weight) {
  const double scaled = weight * (1 << kFractionBits);
  return static_cast<int32_t>(weight < 0 ? scaled - 0.5 : scaled + 0.5);
}

Axis nearest_axis(int64_t in, int64_t out, int64_t begin, int64_t end) {
  Axis axis;
  axis.weights = {1 << kFractionBits};
  for (int64_t o = begin; o < end; ++o) axis.taps.push_back({(2 * o + 1) * in / (2 * out), 1, 0});
  return axis;
}

Axis weighted_axis(const Kernel& kernel, bool antialias, int64_t in, int64_t out, int64_t begin, int64_t end) {
  const double scale = static_cast<double>(in) / static_cast<double>(out);
  const double widen = antialias ? std::max(scale, 1.0) : 1.0;
  const double support = kernel.support * widen;
  // As Pillow does it: one division here, multiplications below.
  const double narrow = 1.0 / widen;
  Axis axis;
  std::vector<double> weights;
  for (int64_t o = begin; o < end; ++o) {
    const double center = (static_cast<double>(o) + 0.5) * scale;
    const int64_t first = std::max<int64_t>(static_cast<int64_t>(center - support + 0.5), 0);
    const int64_t past = std::min<int64_t>(static_cast<int64_t>(center + support + 0.5), in);
    weights.clear();
    double sum = 0;
    for (int64_t i = first; i < past; ++i) {
      weights.push_back(kernel.weight((static_cast<double>(i) - center + 0.5) * narrow));
      sum += weights.back();
    }
    axis.taps.push_back({first, past - first, axis.weights.size()});
    for (const double weight : weights) axis.weights.push_back(to_fixed(sum != 0 ? weight / sum : weight));
  }
  return axis;
}

Axis axis_of(const ResizeOptions& options, int64_t in, int64_t out, int64_t begin, int64_t end) {
  // An unchanged extent copies, whatever the filter; weight 1 leaves every value as it is.
  if (options.filter == Recipe::Filter::nearest || in == out) return nearest_axis(in, out, begin, end);
  return weighted_axis(kernel_of(options.filter), options.antialias, in, out, begin, end);
}

uint8_t to_pixel(int32_t sum) { return static_cast<uint8_t>(std::clamp(sum >> kFractionBits, 0, 255)); }

constexpr int32_t kHalf = 1 << (kFractionBits - 1);

// Resizes along x the rows [begin, end) of the picture.
Image resize_rows(const Image& image, const Axis& axis, int64_t begin, int64_t end) {
  Image result{end - begin, static_cast<int64_t>(axis.taps.size()), {}};
  result.rgb.resize(static_cast<size_t>(result.height * result.width * kChannels));
  uint8_t* out = result.rgb.data();
  for (int64_t y = begin; y < end; ++y) {
    const uint8_t* row = image.rgb.data() + y * image.width * kChannels;
    for (const Taps& taps : axis.taps) {
      const uint8_t* in = row + taps.begin * kChannels;
      const int32_t* weights = axis.weights.data() + taps.offset;
      int32_t sum[kChannels] = {kHalf, kHalf, kHalf};
      for (int64_t tap = 0; tap < taps.count; ++tap, in += kChannels)
        for (int64_t channel = 0; channel < kChannels; ++channel) sum[channel] += weights[tap] * in[channel];
      for (int64_t channel = 0; channel < kChannels; ++channel) *out++ = to_pixel(sum[channel]);
    }
  }
  return result;
}

// Resizes along y. Row 0 of `image` is row `first_row` of the picture that the taps speak of.
Image resize_columns(const Image& image, const Axis& axis, int64_t first_row) {
  const int64_t row_size = image.width * kChannels;
  Image result{static_cast<int64_t>(axis.taps.size()), image.width, {}};
  result.rgb.resize(static_cast<size_t>(result.height * row_size));
  std::vector<int32_t> sums(static_cast<size_t>(row_size));
  uint8_t* out = result.rgb.data();
  for (const Taps& taps : axis.taps) {
    std::fill(sums.begin(), sums.end(), kHalf);
    for (int64_t tap = 0; tap < taps.count; ++tap) {
      const uint8_t* in = image.rgb.data() + (taps.begin - first_row + tap) * row_size;
      const int32_t weight = axis.weights[taps.offset + static_cast<size_t>(tap)];
      for (int64_t x = 0; x < row_size; ++x) sums[static_cast<size_t>(x)] += weight * in[x];
    }
    for (const int32_t sum : sums) *out++ = to_pixel(sum);
  }
  return result;
}

}  // namespace

Image resize(const Image& image, const ResizeOptions& options, const Window& window) {
  CHECK(image.height > 0 && image.width > 0 && options.height > 0 && options.width > 0);
  CHECK(static_cast<int64_t>(image.rgb.size()) == image.height * image.width * kChannels);
  CHECK(window.top >= 0 && window.left >= 0 && window.height > 0 && window.width > 0);
  CHECK(window.top + window.height <= options.height && window.left + window.width <= options.width);
  const Axis x = axis_of(options, image.width, options.width, window.left, window.left + window.width);
  const Axis y = axis_of(options, image.height, options.height, window.top, window.top + window.height);
  // Taps move down with the output, so the first and the last ones bound the rows that are needed.
  const int64_t begin = y.taps.front().begin;
  const int64_t end = y.taps.back().begin + y.taps.back().count;
  return resize_columns(resize_rows(image, x, begin, end), y, begin);
}

Image resize(const Image& image, const ResizeOptions& options) {
  return resize(image, options, {0, 0, options.height, options.width});
}

}  // namespace espalier
