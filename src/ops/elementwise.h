// What operators with two broadcast inputs and unary functions share.
#pragma once

#include "ops/activation.h"
#include "ops/shapes.h"

namespace espalier::ops {

// Plain whole numbers; s8 is the type of quantized tensors.
inline constexpr TypeSet kIntegerNumbers = kS64 | kS32 | kS16 | kU8;
inline constexpr TypeSet kNumbers = kF32 | kIntegerNumbers;

// One meaning per type of whole numbers: Each<T>::run. `static`, since GCC 12 gives a function whose argument is a
// template of an anonymous namespace external linkage, and the linker would keep one for all files.
template <template <class> class Each>
static std::vector<Meaning> for_integers() {
  return {
      {kS64, Each<int64_t>::run}, {kS32, Each<int32_t>::run}, {kS16, Each<int16_t>::run}, {kU8, Each<uint8_t>::run}};
}
// One meaning per type of numbers: Each<T>::run.
template <template <class> class Each>
static std::vector<Meaning> for_numbers() {
  std::vector<Meaning> meanings = for_integers<Each>();
  meanings.push_back({kF32, Each<float>::run});
  return meanings;
}
// Meanings of an operator's own and those of both lists.
inline std::vector<Meaning> with_meanings(std::vector<Meaning> own, const std::vector<Meaning>& others) {
  own.insert(own.end(), others.begin(), others.end());
  return own;
}

// Whole numbers wrap, so they are computed without a sign.
template <class T>
T sum_of(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) return a + b;
  return static_cast<T>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}
template <class T>
T difference_of(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) return a - b;
  return static_cast<T>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}
template <class T>
T product_of(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) return a * b;
  return static_cast<T>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}

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

// y[i] = function(x[i]) for one type of whole numbers.
template <class T, class Function>
void evaluate_each_integer(const EvalArgs& args, Function function) {
  const int64_t count = element_count(args.node.output()->shape());
  for (int64_t i = 0; i < count; ++i) args.out<T>()[i] = function(args.in<T>(0)[i]);
}

// A unary operator: float meaning element by element, in quantized integers a table made from the float64 formula, and
// meanings for plain whole numbers where it has some.
inline OpSpec unary(std::string summary, Evaluate evaluate_f32, double (*function)(double, const Node&),
                    std::vector<AttributeSpec> attributes = {}, const std::vector<Meaning>& of_integers = {}) {
  return {.summary = std::move(summary),
          .inputs = {{"x", of_integers.empty() ? kF32 : kNumbers}},
          .attributes = std::move(attributes),
          .infer = same_as_input,
          .evaluate = with_meanings({{kF32, evaluate_f32}}, of_integers),
          .integer = IntegerRule::table,
          .function = function,
          .attributes_before_transpose = same_attributes};
}

}  // namespace espalier::ops
