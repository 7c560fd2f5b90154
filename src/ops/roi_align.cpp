// roi_align: each box of an NHWC map, cut into a grid of cells; a cell is the average, or the largest, of samples that
// are interpolated inside of it (Mask R-CNN, He et al. 2017).
#include <algorithm>
#include <array>
#include <cmath>

#include "ops/indices.h"

namespace espalier::ops {
namespace {

constexpr int64_t kSamplesMax = 64;  // per side of a cell; a box of any size may be asked for

Result<std::vector<TensorType>> infer(const Node& node) {
  const Shape& x = node.inputs[0]->shape();
  const Shape& boxes = node.inputs[1]->shape();
  const std::vector<int64_t> size = node.integers("size");
  if (x.size() != 4 || boxes.size() != 2 || boxes[1] != 4 || node.inputs[2]->shape() != Shape{boxes[0]} || x[0] < 1 ||
      x[1] < 1 || x[2] < 1)
    return error("maps {} need boxes [n,4] and one batch index each; they are {} and {}", espalier::to_string(x),
                 espalier::to_string(boxes), espalier::to_string(node.inputs[2]->shape()));
  if (size.size() != 2 || size[0] < 1 || size[1] < 1 || size[0] > kExtentMax || size[1] > kExtentMax)
    return error("size must be [height, width] in cells");
  const int64_t ratio = node.integer("sampling_ratio");
  if (ratio < 0 || ratio > kSamplesMax) return error("sampling_ratio is {}; 0 to {} are supported", ratio, kSamplesMax);
  const std::string mode = node.text("mode", "average");
  if (mode != "average" && mode != "max") return error("mode \"{}\" is none of average, max", mode);
  return std::vector<TensorType>{{DataType::f32, {boxes[0], size[0], size[1], x[3]}}};
}

// One side of a box: where its cells begin and how many samples each has.
struct Side {
  float begin, cell, step;
  int64_t samples;

  float sample(int64_t cell_index, int64_t i) const {
    return begin + static_cast<float>(cell_index) * cell + (static_cast<float>(i) + 0.5f) * step;
  }
};

Side side_of(float from, float to, int64_t cells, const Node& node) {
  const float scale = node.real("spatial_scale", 1.0f);
  const bool half_pixel = node.integer("half_pixel", 1) != 0;
  const float shift = half_pixel ? 0.5f : 0.0f;
  Side side{.begin = from * scale - shift, .cell = 0, .step = 0, .samples = node.integer("sampling_ratio")};
  float length = to * scale - shift - side.begin;
  if (!half_pixel) length = std::max(length, 1.0f);
  side.cell = length / static_cast<float>(cells);
  if (side.samples == 0)
    side.samples = std::isfinite(side.cell)
                       ? static_cast<int64_t>(std::clamp(std::ceil(side.cell), 0.0f, static_cast<float>(kSamplesMax)))
                       : 0;
  side.step = side.cell / static_cast<float>(std::max<int64_t>(side.samples, 1));
  return side;
}

// The two neighbours of a place and the weight of the second; `outside` where it lies beyond the map by a pixel.
struct Tap {
  int64_t low = 0, high = 0;
  float weight = 0;
  bool outside = false;
};

Tap tap_of(float place, int64_t extent) {
  const auto size = static_cast<float>(extent);
  if (!(place >= -1.0f && place <= size)) return {.outside = true};
  const float inside = std::clamp(place, 0.0f, size - 1);
  const auto low = static_cast<int64_t>(inside);
  return {low, std::min(low + 1, extent - 1), inside - static_cast<float>(low), false};
}

void evaluate_f32(const EvalArgs& args) {
  const Shape& x = args.node.inputs[0]->shape();
  const Shape& y = args.node.output()->shape();
  const bool takes_largest = args.node.text("mode", "average") == "max";
  for (int64_t box = 0; box < y[0]; ++box) {
    const float* corner = args.in<float>(1) + 4 * box;
    const float* map = args.in<float>(0) + index_inside(args.in<int64_t>(2)[box], x[0]) * x[1] * x[2] * x[3];
    const Side columns = side_of(corner[0], corner[2], y[2], args.node);
    const Side rows = side_of(corner[1], corner[3], y[1], args.node);
    const int64_t samples = rows.samples * columns.samples;
    for (int64_t cell = 0; cell < y[1] * y[2]; ++cell)
      for (int64_t c = 0; c < x[3]; ++c) {
        float result = 0;
        bool first = true;
        for (int64_t i = 0; i < samples; ++i) {
          const Tap r = tap_of(rows.sample(cell / y[2], i / columns.samples), x[1]);
          const Tap s = tap_of(columns.sample(cell % y[2], i % columns.samples), x[2]);
          std::array<float, 4> terms = {0, 0, 0, 0};
          if (!r.outside && !s.outside) {
            const auto at = [&](int64_t row, int64_t column) { return map[(row * x[2] + column) * x[3] + c]; };
            terms = {(1 - r.weight) * (1 - s.weight) * at(r.low, s.low), (1 - r.weight) * s.weight * at(r.low, s.high),
                     r.weight * (1 - s.weight) * at(r.high, s.low), r.weight * s.weight * at(r.high, s.high)};
          }
          if (!takes_largest) {
            result += terms[0] + terms[1] + terms[2] + terms[3];
            continue;
          }
          // ONNX takes the largest of the weighted neighbours, not of their sums.
          const float largest = *std::max_element(terms.begin(), terms.end());
          result = first ? largest : std::max(result, largest);
          first = false;
        }
        if (!takes_largest) result /= static_cast<float>(std::max<int64_t>(samples, 1));
        args.out<float>()[(box * y[1] * y[2] + cell) * x[3] + c] = result;
      }
  }
}

}  // namespace

const OpSpec roi_align = {
    .summary = "boxes of an NHWC map as grids of interpolated cells",
    .inputs = {{"x", kF32}, {"boxes", kF32}, {"batch", kS64}},
    .attributes = {{"size", kIntegers, "cells [height, width]"},
                   {"sampling_ratio", kInteger, "samples per side of a cell; default 0, by its size, at most 64"},
                   {"spatial_scale", kReal, "pixels of the map per unit of the boxes, default 1"},
                   {"half_pixel", kInteger, "0: boxes are not moved by half a pixel; default 1"},
                   {"mode", kText, "\"average\" (default) or \"max\""}},
    .infer = infer,
    .evaluate = {{kF32, evaluate_f32}},
};

}  // namespace espalier::ops
