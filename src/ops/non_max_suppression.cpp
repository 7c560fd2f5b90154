// non_max_suppression: of the boxes of a class, best first, those that overlap no better one by more than a threshold:
// rows of (batch, class, box). How many there are is data; the rows behind the last one hold -1.
#include <algorithm>
#include <array>
#include <vector>

#include "ops/shapes.h"

namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  const Shape& boxes = node.inputs[0]->shape();
  const Shape& scores = node.inputs[1]->shape();
  if (boxes.size() != 3 || scores.size() != 3 || boxes[2] != 4 || scores[0] != boxes[0] || scores[2] != boxes[1])
    return error("boxes [batch,n,4] and scores [batch,classes,n] are needed, they are {} and {}",
                 espalier::to_string(boxes), espalier::to_string(scores));
  const int64_t kept = node.integer("max_per_class");
  if (kept < 1) return error("max_per_class is {}; without a box to keep there is no output", kept);
  return std::vector<TensorType>{
      {DataType::s64, {saturating_product({boxes[0], scores[1], std::min(kept, boxes[1])}), 3}}};
}

struct Box {
  float low_y, low_x, high_y, high_x;
  float area() const { return (high_y - low_y) * (high_x - low_x); }
};

Box box_at(const float* numbers, bool by_centre) {
  if (by_centre) {  // x, y, width, height
    const float half_x = numbers[2] / 2;
    const float half_y = numbers[3] / 2;
    return {numbers[1] - half_y, numbers[0] - half_x, numbers[1] + half_y, numbers[0] + half_x};
  }
  return {std::min(numbers[0], numbers[2]), std::min(numbers[1], numbers[3]), std::max(numbers[0], numbers[2]),
          std::max(numbers[1], numbers[3])};
}

float overlap(const Box& a, const Box& b) {
  const float height = std::min(a.high_y, b.high_y) - std::max(a.low_y, b.low_y);
  const float width = std::min(a.high_x, b.high_x) - std::max(a.low_x, b.low_x);
  if (!(height > 0) || !(width > 0)) return 0;
  const float common = height * width;
  return common / (a.area() + b.area() - common);
}

void evaluate_f32(const EvalArgs& args) {
  const Shape& boxes = args.node.inputs[0]->shape();
  const int64_t classes = args.node.inputs[1]->shape()[1];
  const int64_t kept_max = std::min(args.node.integer("max_per_class"), boxes[1]);
  const float iou_threshold = args.node.real("iou_threshold");
  const bool by_centre = args.node.integer("by_centre") != 0;
  int64_t* row = args.out<int64_t>();
  std::fill_n(row, element_count(args.node.output()->shape()), -1);
  for (int64_t n = 0; n < boxes[0]; ++n)
    for (int64_t c = 0; c < classes; ++c) {
      const float* scores = args.in<float>(1) + (n * classes + c) * boxes[1];
      std::vector<int64_t> order;
      for (int64_t i = 0; i < boxes[1]; ++i)
        if (!args.node.has("score_threshold") || scores[i] > args.node.real("score_threshold")) order.push_back(i);
      std::erase_if(order, [&](int64_t i) { return scores[i] != scores[i]; });
      std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return scores[a] > scores[b]; });
      std::vector<Box> kept;
      for (const int64_t i : order) {
        if (static_cast<int64_t>(kept.size()) == kept_max) break;
        const Box box = box_at(args.in<float>(0) + (n * boxes[1] + i) * 4, by_centre);
        if (std::any_of(kept.begin(), kept.end(),
                        [&](const Box& better) { return overlap(box, better) > iou_threshold; }))
          continue;
        kept.push_back(box);
        row = std::copy_n(std::array<int64_t, 3>{n, c, i}.begin(), 3, row);
      }
    }
}

}  // namespace

const OpSpec non_max_suppression = {
    .summary = "rows (batch, class, box) of the boxes that no better one overlaps; -1 behind the last",
    .inputs = {{"boxes", kF32}, {"scores", kF32}},
    .attributes = {{"max_per_class", kInteger, "boxes that are kept, per batch and class"},
                   {"iou_threshold", kReal, "overlap above which a box is dropped, default 0"},
                   {"score_threshold", kReal, "scores up to it are dropped, default none"},
                   {"by_centre", kInteger, "1: boxes are x, y, width, height; default 0, two corners y, x"}},
    .infer = infer,
    .evaluate = {{kF32, evaluate_f32}},
    .open_dimension = 0,
};

}  // namespace espalier::ops
