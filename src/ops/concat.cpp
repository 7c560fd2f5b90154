// concat: inputs one after the other along an axis.
#include <cstring>

#include "numerics/quantize.h"
#include "ops/shapes.h"

namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  TensorType output = node.inputs[0]->type;
  const int64_t axis = node.integer("axis");
  if (axis < 0 || axis >= static_cast<int64_t>(output.shape.size()))
    return error("axis {} is outside of {} dimensions", axis, output.shape.size());
  int64_t total = 0;
  for (const Value* input : node.inputs) {
    Shape expected = output.shape;
    if (input->shape().size() == expected.size())
      expected[static_cast<size_t>(axis)] = input->shape()[static_cast<size_t>(axis)];
    if (input->type != TensorType{output.type, expected})
      return error("{} and {} cannot be joined along axis {}", espalier::to_string(node.inputs[0]->type),
                   espalier::to_string(input->type), axis);
    if (__builtin_add_overflow(total, input->shape()[static_cast<size_t>(axis)], &total))
      return error("the joined extent is too large");
  }
  output.shape[static_cast<size_t>(axis)] = total;
  return std::vector<TensorType>{output};
}

// Calls copy(input number, input offset, output offset, count) for runs of elements that stay together.
template <class Copy>
void for_each_run(const Node& node, Copy copy) {
  const auto axis = static_cast<size_t>(node.integer("axis"));
  const Shape& shape = node.output()->shape();
  int64_t outer = 1;
  int64_t inner = 1;
  for (size_t d = 0; d < shape.size(); ++d) (d < axis ? outer : inner) *= d == axis ? 1 : shape[d];
  int64_t output = 0;
  for (int64_t o = 0; o < outer; ++o)
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const int64_t count = node.inputs[i]->shape()[axis] * inner;
      copy(i, o * count, output, count);
      output += count;
    }
}

void evaluate_any(const EvalArgs& args) {
  const int64_t size = size_bytes(args.node.output()->type.type);
  for_each_run(args.node, [&](size_t input, int64_t from, int64_t to, int64_t count) {
    std::memcpy(args.out<char>() + to * size, args.in<char>(input) + from * size, static_cast<size_t>(count * size));
  });
}

// Inputs keep their own scales: q = saturate(round_half_even((q_in - z_in) * (s_in / s_out)) + z_out), the quotient and
// the product rounded to float32. With equal scales and zero points this copies.
void evaluate_s8(const EvalArgs& args) {
  const Value& output = *args.node.output();
  for_each_run(args.node, [&](size_t number, int64_t from, int64_t to, int64_t count) {
    const Value& input = *args.node.inputs[number];
    const float multiplier = input.scale() / output.scale();
    for (int64_t i = 0; i < count; ++i) {
      const float scaled = static_cast<float>(args.in<int8_t>(number)[from + i] - input.zero_point()) * multiplier;
      args.out<int8_t>()[to + i] = saturate_s8(round_to_int(scaled) + output.zero_point());
    }
  });
}

Attributes attributes_before_transpose(const Node& node, const std::vector<int64_t>& permutation) {
  return {{"axis", permutation[static_cast<size_t>(node.integer("axis"))]}};
}

}  // namespace

const OpSpec concat = {
    .summary = "inputs one after the other along an axis",
    .inputs = {{"x", kAnyType}},
    .variadic = true,
    .attributes = {{"axis", kInteger, "the dimension that grows, from 0"}},
    .infer = infer,
    .evaluate = {{kS8, evaluate_s8}, {kAnyType, evaluate_any}},
    .integer = IntegerRule::join,
    .attributes_before_transpose = attributes_before_transpose,
};

}  // namespace espalier::ops
