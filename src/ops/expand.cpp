// expand: x repeated along dimensions of extent 1, as numpy broadcasts it to a shape.
#include "ops/shapes.h"

namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  const TensorType& x = node.inputs[0]->type;
  const Shape shape = node.integers("shape");
  const Shape joined = TRY(broadcast_shapes(x.shape, shape));
  if (joined != shape)
    return error("{} cannot be repeated to {}", espalier::to_string(x.shape), espalier::to_string(shape));
  if (!checked_element_count(shape)) return error("the shape {} is impossible", espalier::to_string(shape));
  return std::vector<TensorType>{{x.type, shape}};
}

void evaluate_any(const EvalArgs& args) {
  const Shape& shape = args.node.output()->shape();
  copy_strided(args.inputs[0], args.outputs[0], size_bytes(args.node.output()->type.type), shape, 0,
               broadcast_strides(args.node.inputs[0]->shape(), shape));
}

}  // namespace

const OpSpec expand = {
    .summary = "x repeated along dimensions of extent 1",
    .inputs = {{"x", kAnyType}},
    .attributes = {{"shape", kIntegers, "of the output"}},
    .infer = infer,
    .evaluate = {{kAnyType, evaluate_any}},
    .integer = IntegerRule::keep_scale,
};

}  // namespace espalier::ops
