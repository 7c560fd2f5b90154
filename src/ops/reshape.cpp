// reshape: the same elements in the same order under another shape.
#include <cstring>

#include "ops/shapes.h"

namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  const TensorType& x = node.inputs[0]->type;
  const Shape shape = node.integers("shape");
  if (checked_element_count(shape) != element_count(x.shape))
    return error("{} elements of shape {} cannot take the shape {}", element_count(x.shape),
                 espalier::to_string(x.shape), espalier::to_string(shape));
  return std::vector<TensorType>{{x.type, shape}};
}

void evaluate_any(const EvalArgs& args) {
  const TensorType& type = args.node.output()->type;
  std::memcpy(args.outputs[0], args.inputs[0], static_cast<size_t>(element_count(type.shape) * size_bytes(type.type)));
}

}  // namespace

const OpSpec reshape = {
    .summary = "the same elements in the same order under another shape",
    .inputs = {{"x", kAnyType}},
    .attributes = {{"shape", kIntegers, "extents of the output"}},
    .infer = infer,
    .evaluate = {{kAnyType, evaluate_any}},
    .integer = IntegerRule::keep_scale,
};

}  // namespace espalier::ops
