// one_hot: a dimension of `depth` elements is put in at `axis`; the element that an index names is `on`, the others are
// `off`. A negative index counts from the end, one outside names none.
#include <cstring>

#include "ops/shapes.h"

namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  const TensorType& off_on = node.inputs[1]->type;
  Shape shape = node.inputs[0]->shape();
  const int64_t axis = node.integer("axis");
  const int64_t depth = node.integer("depth");
  if (axis < 0 || axis > static_cast<int64_t>(shape.size()))
    return error("axis {} is outside of {} dimensions and the new one", axis, shape.size());
  if (depth < 1 || depth > kExtentMax) return error("a depth of {}; 1 to {} are possible", depth, kExtentMax);
  if (off_on.shape != Shape{2})
    return error("off and on are {}, a list of 2 is needed", espalier::to_string(off_on.shape));
  shape.insert(shape.begin() + axis, depth);
  return std::vector<TensorType>{{off_on.type, shape}};
}

void evaluate_s64(const EvalArgs& args) {
  const Shape& shape = args.node.output()->shape();
  const auto axis = static_cast<size_t>(args.node.integer("axis"));
  const auto size = static_cast<size_t>(size_bytes(args.node.output()->type.type));
  const int64_t depth = shape[axis];
  const int64_t inner = dense_strides(shape)[axis];
  const int64_t count = element_count(shape);
  for (int64_t i = 0; i < count; ++i) {
    const int64_t place = i / inner % depth;
    const int64_t index = args.in<int64_t>(0)[i / (inner * depth) * inner + i % inner];
    const bool on = index == place || index == place - depth;
    std::memcpy(args.out<char>() + static_cast<size_t>(i) * size, args.in<char>(1) + (on ? size : 0), size);
  }
}

}  // namespace

const OpSpec one_hot = {
    .summary = "indices as rows with one element on",
    .inputs = {{"indices", kS64}, {"off_on", kAnyType}},
    .attributes = {{"axis", kInteger, "where the dimension is put in"}, {"depth", kInteger, "its extent"}},
    .infer = infer,
    .evaluate = {{kS64, evaluate_s64}},
};

}  // namespace espalier::ops
