// Layouts are told apart by proportions: height / input height = width / input width (decode/planes.h).
#include "decode/planes.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace espalier {
namespace {

// 0 when the map has the input's proportions; the product keeps the division out.
int64_t skew(int64_t height, int64_t width, const DecodeInput& input) {
  return std::abs(height * input.input_width - width * input.input_height);
}

}  // namespace

Result<Planes> planes_of(const NamedTensor& output, const DecodeInput& input) {
  Shape shape = output.tensor.shape();
  if (shape.size() == 4 && shape[0] == 1) shape.erase(shape.begin());
  const bool is_one_map = shape.size() == 2;
  if (is_one_map) shape.insert(shape.begin(), 1);
  // Sizes beyond this cannot be multiplied with those of an input safely, and no map is that large.
  constexpr int64_t kExtentMax = int64_t{1} << 24;
  const auto sane = [](int64_t extent) { return extent >= 1 && extent <= kExtentMax; };
  if (shape.size() != 3 || !std::all_of(shape.begin(), shape.end(), sane))
    return error("output \"{}\" is {}, a map such as 1xCxHxW or 1xHxWxC is expected", output.name,
                 to_string(output.tensor.shape()));
  const int64_t first_skew = skew(shape[1], shape[2], input);
  const int64_t last_skew = is_one_map ? first_skew : skew(shape[0], shape[1], input);
  if (std::min(first_skew, last_skew) > std::max(input.input_height, input.input_width))
    return error(
        "output \"{}\" is {}, which is no map over the input of {} x {} pixels: height and width differ in "
        "proportion",
        output.name, to_string(output.tensor.shape()), input.input_height, input.input_width);
  const float* data = output.tensor.data<float>();
  if (first_skew <= last_skew) return Planes{data, shape[0], shape[1], shape[2], shape[1] * shape[2], 1};
  return Planes{data, shape[2], shape[0], shape[1], 1, shape[2]};
}

std::vector<Neighbours> neighbours_of(int64_t picture_size, double scale, double offset, int64_t input_size,
                                      int64_t cells) {
  std::vector<Neighbours> all(static_cast<size_t>(picture_size));
  for (int64_t i = 0; i < picture_size; ++i) {
    const double place = (static_cast<double>(i) + 0.5) * scale + offset;
    if (!(place >= 0 && place <= static_cast<double>(input_size))) continue;
    const double cell = place * static_cast<double>(cells) / static_cast<double>(input_size) - 0.5;
    const double inside = std::clamp(cell, 0.0, static_cast<double>(cells - 1));
    const int64_t first = static_cast<int64_t>(inside);
    all[static_cast<size_t>(i)] = {.first = first,
                                   .second = std::min(first + 1, cells - 1),
                                   .share = static_cast<float>(inside - static_cast<double>(first)),
                                   .seen = true};
  }
  return all;
}

}  // namespace espalier
