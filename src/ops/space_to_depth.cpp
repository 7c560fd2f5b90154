// space_to_depth: blocks of block x block pixels become channels: y[n, h, w, (dy * block + dx) * C + c] =
// x[n, h * block + dy, w * block + dx, c].
#include <cstring>

#include "ops/shapes.h"

namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  const TensorType& x = node.inputs[0]->type;
  const int64_t block = node.integer("block");
  if (x.shape.size() != 4) return error("the input has {} dimensions, NHWC has 4", x.shape.size());
  if (block < 1 || block > 64 || x.shape[1] % block != 0 || x.shape[2] % block != 0)
    return error("blocks of {} x {} pixels do not divide a map of {} x {}", block, block, x.shape[1], x.shape[2]);
  return std::vector<TensorType>{
      {x.type, {x.shape[0], x.shape[1] / block, x.shape[2] / block, x.shape[3] * block * block}}};
}

void evaluate_any(const EvalArgs& args) {
  const TensorType& x = args.node.inputs[0]->type;
  const Shape& y = args.node.output()->shape();
  const int64_t block = args.node.integer("block");
  // A row of a block is contiguous in the input: block pixels of C channels.
  const int64_t run_bytes = block * x.shape[3] * size_bytes(x.type);
  char* to = args.out<char>();
  for (int64_t n = 0; n < y[0]; ++n)
    for (int64_t h = 0; h < y[1]; ++h)
      for (int64_t w = 0; w < y[2]; ++w)
        for (int64_t dy = 0; dy < block; ++dy, to += run_bytes)
          std::memcpy(to, args.in<char>(0) + ((n * x.shape[1] + h * block + dy) * y[2] + w) * run_bytes,
                      static_cast<size_t>(run_bytes));
}

}  // namespace

const OpSpec space_to_depth = {
    .summary = "blocks of pixels become channels, rows of a block first",
    .inputs = {{"x", kAnyType}},
    .attributes = {{"block", kInteger, "pixels of a block's side"}},
    .infer = infer,
    .evaluate = {{kAnyType, evaluate_any}},
    .integer = IntegerRule::keep_scale,
};

}  // namespace espalier::ops
