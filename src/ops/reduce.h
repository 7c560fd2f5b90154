// What reductions over axes, which stay with extent 1, share.
#pragma once

#include <vector>

#include "ops/elementwise.h"

namespace espalier::ops {

inline const std::vector<AttributeSpec> kReduceAttributes = {{"axes", kIntegers, "the axes that are reduced"}};

// The input's type with extent 1 for every axis. Errors: no axis, one outside of the rank, or 2^24 elements and more.
Result<std::vector<TensorType>> infer_reduced(const Node& node);
// OpSpec::attributes_before_transpose of reductions.
Attributes reduced_before_transpose(const Node& node, const std::vector<int64_t>& permutation);

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

// The best element of each row, where `is_better(a, b)` says that a takes the place of b; NaN where one of them is.
template <class T, class Better>
void evaluate_best(const EvalArgs& args, Better is_better) {
  const T* x = args.in<T>(0);
  for_each_row(args.node, [&](int64_t index, int64_t base, const std::vector<int64_t>& offsets) {
    T best = x[base];
    for (const int64_t offset : offsets) {
      const T candidate = x[base + offset];
      if (is_better(candidate, best) || candidate != candidate) best = candidate;
      if (best != best) break;
    }
    args.out<T>()[index] = best;
  });
}

// A reduction that selects elements, so integers of any scale keep theirs. `of_integers`: meanings of whole numbers.
inline OpSpec selection(std::string summary, Evaluate evaluate_f32, Evaluate evaluate_s8,
                        const std::vector<Meaning>& of_integers) {
  return {.summary = std::move(summary),
          .inputs = {{"x", kNumbers | kS8}},
          .attributes = kReduceAttributes,
          .infer = infer_reduced,
          .evaluate = with_meanings({{kF32, evaluate_f32}, {kS8, evaluate_s8}}, of_integers),
          .integer = IntegerRule::keep_scale,
          .attributes_before_transpose = reduced_before_transpose};
}

}  // namespace espalier::ops
