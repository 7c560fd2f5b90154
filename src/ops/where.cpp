// where: y = a where the condition is true, b elsewhere, all three with numpy broadcasting.
#include <cstring>

#include "ops/shapes.h"

namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  const TensorType& a = node.inputs[1]->type;
  const TensorType& b = node.inputs[2]->type;
  if (a.type != b.type) return error("a and b are {} and {}; both must have one type", name(a.type), name(b.type));
  const Shape pair = TRY(broadcast_shapes(a.shape, b.shape));
  return std::vector<TensorType>{{a.type, TRY(broadcast_shapes(pair, node.inputs[0]->shape()))}};
}

void evaluate_any(const EvalArgs& args) {
  const Shape& shape = args.node.output()->shape();
  const auto size = static_cast<size_t>(size_bytes(args.node.output()->type.type));
  const auto strides = [&](size_t input) { return broadcast_strides(args.node.inputs[input]->shape(), shape); };
  for (const size_t choice : {size_t{1}, size_t{2}})
    for_each_pair(shape, strides(0), strides(choice), [&](int64_t index, int64_t condition, int64_t from) {
      if ((args.in<uint8_t>(0)[condition] != 0) != (choice == 1)) return;
      std::memcpy(args.out<char>() + static_cast<size_t>(index) * size,
                  args.in<char>(choice) + static_cast<size_t>(from) * size, size);
    });
}

}  // namespace

const OpSpec where = {
    .summary = "a where the condition is true, b elsewhere, with broadcasting",
    .inputs = {{"condition", kBool}, {"a", kF32 | kS64 | kS32 | kU8 | kBool}, {"b", kF32 | kS64 | kS32 | kU8 | kBool}},
    .infer = infer,
    .evaluate = {{kBool, evaluate_any}},
    .attributes_before_transpose = same_attributes,
};

}  // namespace espalier::ops
