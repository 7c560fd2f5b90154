// pad: a constant around the input.
#include <cstring>

#include "numerics/quantize.h"
#include "ops/shapes.h"

namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  TensorType output = node.inputs[0]->type;
  const std::vector<int64_t> before = node.integers("before");
  const std::vector<int64_t> after = node.integers("after");
  const size_t rank = output.shape.size();
  if (before.size() != rank || after.size() != rank)
    return error("before and after need {} numbers each, they have {} and {}", rank, before.size(), after.size());
  constexpr int64_t kPadMax = int64_t{1} << 24;
  for (size_t d = 0; d < rank; ++d) {
    if (before[d] < 0 || after[d] < 0 || before[d] > kPadMax || after[d] > kPadMax)
      return error("dimension {} gets {} and {} elements; 0 to {} are possible", d, before[d], after[d], kPadMax);
    output.shape[d] += before[d] + after[d];
  }
  return std::vector<TensorType>{output};
}

template <class T>
void evaluate_with(const EvalArgs& args, T value) {
  const Shape& input = args.node.inputs[0]->shape();
  const Shape& output = args.node.output()->shape();
  T* y = args.out<T>();
  const int64_t count = element_count(output);
  for (int64_t i = 0; i < count; ++i) y[i] = value;
  const std::vector<int64_t> strides = dense_strides(output);
  const std::vector<int64_t> before = args.node.integers("before");
  int64_t offset = 0;
  for (size_t d = 0; d < before.size(); ++d) offset += before[d] * strides[d];
  for_each_pair(input, strides, strides,
                [&](int64_t index, int64_t to, int64_t) { y[offset + to] = args.in<T>(0)[index]; });
}

void evaluate_f32(const EvalArgs& args) { evaluate_with<float>(args, args.node.real("value")); }

// The real value takes the integer that the input's scale gives it; 0 is the zero point exactly.
void evaluate_s8(const EvalArgs& args) {
  const Value& x = *args.node.inputs[0];
  evaluate_with<int8_t>(args, quantize_s8(args.node.real("value"), x.scale(), x.zero_point()));
}

// "it pads with {}, and only 0 is sure to lie in the input's range"
Reason pads_with_zero(const Node& node) {
  const float value = node.real("value");
  if (value != 0) return reason("it pads with {}, and only 0 is sure to lie in the input's range", value);
  return kApplies;
}

Attributes attributes_before_transpose(const Node& node, const std::vector<int64_t>& permutation) {
  Attributes attributes = node.attributes;
  for (const char* name : {"before", "after"}) attributes[name] = permuted_back(node.integers(name), permutation);
  return attributes;
}

}  // namespace

const OpSpec pad = {
    .summary = "a constant around the input",
    .inputs = {{"x", kF32 | kS8}},
    .attributes = {{"before", kIntegers, "elements in front of each dimension"},
                   {"after", kIntegers, "elements behind each dimension"},
                   {"value", kReal, "the real constant, default 0"}},
    .infer = infer,
    .evaluate = {{kF32, evaluate_f32}, {kS8, evaluate_s8}},
    .integer = IntegerRule::keep_scale,
    .integer_when = pads_with_zero,
    .attributes_before_transpose = attributes_before_transpose,
};

}  // namespace espalier::ops
