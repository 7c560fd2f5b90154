// What operators with two broadcast inputs and unary functions share.
#pragma once

#include "ops/activation.h"
#include "ops/shapes.h"

namespace espalier::ops {

// y[i] = combine(a[i], b[i]) with numpy broadcasting.
template <class T, class Combine>
void evaluate_pairs(const EvalArgs& args, Combine combine) {
  const Shape& shape = args.node.output()->shape();
  const T* a = args.in<T>(0);
  const T* b = args.in<T>(1);
  T* y = args.out<T>();
  for_each_pair(shape, broadcast_strides(args.node.inputs[0]->shape(), shape),
                broadcast_strides(args.node.inputs[1]->shape(), shape),
                [&](int64_t index, int64_t i, int64_t j) { y[index] = combine(a[i], b[j]); });
}

// y[i] = function(x[i]).
template <class Function>
void evaluate_each(const EvalArgs& args, Function function) {
  const float* x = args.in<float>(0);
  float* y = args.out<float>();
  const int64_t count = element_count(args.node.output()->shape());
  for (int64_t i = 0; i < count; ++i) y[i] = function(x[i]);
}

// A unary operator: float meaning element by element, in integers a table made from the float64 formula.
inline OpSpec unary(std::string summary, Evaluate evaluate_f32, double (*function)(double, const Node&),
                    std::vector<AttributeSpec> attributes = {}) {
  return {.summary = std::move(summary),
          .inputs = {{"x", kF32}},
          .attributes = std::move(attributes),
          .infer = same_as_input,
          .evaluate = {{kF32, evaluate_f32}},
          .integer = IntegerRule::table,
          .function = function,
          .attributes_before_transpose = same_attributes};
}

}  // namespace espalier::ops
