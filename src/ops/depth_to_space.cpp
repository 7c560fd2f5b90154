// depth_to_space: channels become blocks of pixels, the inverse of space_to_depth.
//   y[n, h * block + dy, w * block + dx, c] = x[n, h, w, channel]
//   "pixels_first" (ONNX: DCR)    channel = (dy * block + dx) * C + c
//   "channels_first" (ONNX: CRD)  channel = c * block * block + dy * block + dx
#include "ops/shapes.h"

namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  const TensorType& x = node.inputs[0]->type;
  const int64_t block = node.integer("block");
  const std::string order = node.text("order", "pixels_first");
  if (order != "pixels_first" && order != "channels_first")
    return error("order \"{}\" is none of pixels_first, channels_first", order);
  if (x.shape.size() != 4) return error("the input has {} dimensions, NHWC has 4", x.shape.size());
  if (block < 1 || block > 64 || x.shape[3] % (block * block) != 0)
    return error("{} channels are no whole number of blocks of {} x {} pixels", x.shape[3], block, block);
  Shape y = {x.shape[0], 0, 0, x.shape[3] / (block * block)};
  for (const size_t d : {size_t{1}, size_t{2}})
    if (__builtin_mul_overflow(x.shape[d], block, &y[d])) return error("the output is too large");
  return std::vector<TensorType>{{x.type, y}};
}

void evaluate_any(const EvalArgs& args) {
  const Shape& x = args.node.inputs[0]->shape();
  const int64_t block = args.node.integer("block");
  const int64_t channels = args.node.output()->shape()[3];
  const bool pixels_first = args.node.text("order", "pixels_first") == "pixels_first";
  const int64_t pixel = pixels_first ? channels : 1;
  const int64_t channel = pixels_first ? 1 : block * block;
  // The output as [n, h, dy, w, dx, c].
  copy_strided(args.inputs[0], args.outputs[0], size_bytes(args.node.output()->type.type),
               {x[0], x[1], block, x[2], block, channels}, 0,
               {x[1] * x[2] * x[3], x[2] * x[3], block * pixel, x[3], pixel, channel});
}

}  // namespace

const OpSpec depth_to_space = {
    .summary = "channels become blocks of pixels, the inverse of space_to_depth",
    .inputs = {{"x", kAnyType}},
    .attributes = {{"block", kInteger, "pixels of a block's side"},
                   {"order", kText, "\"pixels_first\" (default, ONNX's DCR) or \"channels_first\" (CRD)"}},
    .infer = infer,
    .evaluate = {{kAnyType, evaluate_any}},
    .integer = IntegerRule::keep_scale,
};

}  // namespace espalier::ops
