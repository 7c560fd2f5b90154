// What operators with a truth value as output share. A stored bool may be any byte: 0 is false, the others are true.
#pragma once

#include "ops/elementwise.h"

namespace espalier::ops {

// The numpy broadcast of both shapes, as bool.
Result<std::vector<TensorType>> broadcast_to_bool(const Node& node);

// y[i] = compare(a[i], b[i]) with numpy broadcasting.
template <class T, class Compare>
void evaluate_comparison(const EvalArgs& args, Compare compare) {
  const Shape& shape = args.node.output()->shape();
  for_each_pair(shape, broadcast_strides(args.node.inputs[0]->shape(), shape),
                broadcast_strides(args.node.inputs[1]->shape(), shape), [&](int64_t index, int64_t a, int64_t b) {
                  args.out<bool>()[index] = compare(args.in<T>(0)[a], args.in<T>(1)[b]);
                });
}

template <class Combine>
void evaluate_logic(const EvalArgs& args, Combine combine) {
  evaluate_comparison<uint8_t>(args, [&](uint8_t a, uint8_t b) { return combine(a != 0, b != 0); });
}

template <template <class> class Each>
static OpSpec comparison(std::string summary) {
  return {.summary = std::move(summary),
          .inputs = {{"a", kNumbers}, {"b", kNumbers}},
          .infer = broadcast_to_bool,
          .evaluate = for_numbers<Each>(),
          .attributes_before_transpose = same_attributes};
}

inline OpSpec logic(std::string summary, Evaluate evaluate_bool) {
  return {.summary = std::move(summary),
          .inputs = {{"a", kBool}, {"b", kBool}},
          .infer = broadcast_to_bool,
          .evaluate = {{kBool, evaluate_bool}},
          .attributes_before_transpose = same_attributes};
}

}  // namespace espalier::ops
