// triangle: the upper or the lower triangle of the last two dimensions; the rest is 0.
#include <algorithm>
#include <cstring>

#include "ops/shapes.h"

namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  const TensorType& type = node.inputs[0]->type;
  if (type.shape.size() < 2) return error("the input has {} dimensions, at least 2 are needed", type.shape.size());
  return std::vector<TensorType>{type};
}

void evaluate_any(const EvalArgs& args) {
  const Shape& shape = args.node.output()->shape();
  const auto size = static_cast<size_t>(size_bytes(args.node.output()->type.type));
  const int64_t rows = shape[shape.size() - 2];
  const int64_t columns = shape.back();
  const bool upper = args.node.integer("upper", 1) != 0;
  // Beyond the matrix a diagonal cuts nothing more.
  const int64_t diagonal = std::clamp(args.node.integer("diagonal"), -rows - 1, columns + 1);
  const int64_t count = element_count(shape);
  for (int64_t i = 0; i < count; ++i) {
    const int64_t distance = i % columns - i / columns % rows;
    const bool kept = upper ? distance >= diagonal : distance <= diagonal;
    char* to = args.out<char>() + static_cast<size_t>(i) * size;
    if (kept) {
      std::memcpy(to, args.in<char>(0) + static_cast<size_t>(i) * size, size);
    } else {
      std::memset(to, 0, size);
    }
  }
}

}  // namespace

const OpSpec triangle = {
    .summary = "upper or lower triangle of the last two dimensions, 0 elsewhere",
    .inputs = {{"x", kF32 | kS64 | kS32 | kU8 | kBool}},
    .attributes = {{"upper", kInteger, "0: the lower one; default 1"},
                   {"diagonal", kInteger, "the diagonal that is the border, 0 the main one, 1 the one above"}},
    .infer = infer,
    .evaluate = {{kF32 | kS64 | kS32 | kU8 | kBool, evaluate_any}},
};

}  // namespace espalier::ops
