// reduce_mean: the mean over some axes, which stay with extent 1. Over [1, 2] of an NHWC map it is the global average.
#include <algorithm>

#include "numerics/reductions.h"
#include "ops/shapes.h"

namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  TensorType type = node.inputs[0]->type;
  const std::vector<int64_t> axes = node.integers("axes");
  if (axes.empty()) return error("axes names no axis");
  int64_t count = 1;
  for (const int64_t axis : axes) {
    if (axis < 0 || axis >= static_cast<int64_t>(type.shape.size()))
      return error("axis {} is outside of {} dimensions", axis, type.shape.size());
    int64_t& extent = type.shape[static_cast<size_t>(axis)];
    count *= extent;
    if (count < 1 || count >= int64_t{1} << 24)
      return error("a mean over {} elements; 1 to {} are possible", count, (int64_t{1} << 24) - 1);
    extent = 1;
  }
  return std::vector<TensorType>{type};
}

// Calls row(output index, element(i) -> input offset of the i-th reduced element, their count).
template <class Row>
void for_each_row(const Node& node, Row row) {
  const Shape& input = node.inputs[0]->shape();
  const Shape& output = node.output()->shape();
  const std::vector<int64_t> strides = dense_strides(input);
  Shape reduced(input.size(), 1);
  for (const int64_t axis : node.integers("axes"))
    reduced[static_cast<size_t>(axis)] = input[static_cast<size_t>(axis)];
  std::vector<int64_t> offsets;
  for_each_pair(reduced, strides, strides, [&](int64_t, int64_t offset, int64_t) { offsets.push_back(offset); });
  for_each_pair(output, strides, strides, [&](int64_t index, int64_t base, int64_t) { row(index, base, offsets); });
}

void evaluate_f32(const EvalArgs& args) {
  const float* x = args.in<float>(0);
  for_each_row(args.node, [&](int64_t index, int64_t base, const std::vector<int64_t>& offsets) {
    const auto count = static_cast<int64_t>(offsets.size());
    const float sum = sum_of_terms(count, [&](int64_t i) { return x[base + offsets[static_cast<size_t>(i)]]; });
    args.out<float>()[index] = sum / static_cast<float>(count);
  });
}

void evaluate_s8(const EvalArgs& args) {
  const Value& input = *args.node.inputs[0];
  const Value& output = *args.node.output();
  const float multiplier = input.scale() / output.scale();
  const int8_t* x = args.in<int8_t>(0);
  for_each_row(args.node, [&](int64_t index, int64_t base, const std::vector<int64_t>& offsets) {
    int64_t sum = 0;
    for (const int64_t offset : offsets) sum += x[base + offset];
    args.out<int8_t>()[index] =
        average_element(sum, static_cast<int64_t>(offsets.size()), input.zero_point(), multiplier, output.zero_point());
  });
}

Attributes attributes_before_transpose(const Node& node, const std::vector<int64_t>& permutation) {
  std::vector<int64_t> axes;
  for (const int64_t axis : node.integers("axes")) axes.push_back(permutation[static_cast<size_t>(axis)]);
  std::sort(axes.begin(), axes.end());
  return {{"axes", axes}};
}

}  // namespace

const OpSpec reduce_mean = {
    .summary = "mean over axes, which stay with extent 1",
    .inputs = {{"x", kF32 | kS8}},
    .attributes = {{"axes", kIntegers, "the axes that are averaged"}},
    .infer = infer,
    .evaluate = {{kF32, evaluate_f32}, {kS8, evaluate_s8}},
    .integer = IntegerRule::rescale,
    .attributes_before_transpose = attributes_before_transpose,
};

}  // namespace espalier::ops
