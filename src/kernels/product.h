// What the convolutions and matrix products of all types share before their loops start.
#pragma once

#include <algorithm>

#include "base/reason.h"
#include "kernels/block_vectors.h"
#include "ops/convolution.h"

namespace espalier::kernels {

// Weights and bias are packed once, and loops rely on at least one output and one step.
inline Reason product_has_constants(const Node& node) {
  if (!node.inputs[1]->is_constant()) return reason("the weights are computed at run time");
  if (node.input(2) != nullptr && !node.input(2)->is_constant()) return reason("the bias is computed at run time");
  if (element_count(node.output()->shape()) == 0 || element_count(node.inputs[1]->shape()) == 0)
    return reason("the output or the weights are empty");
  return kApplies;
}

// A convolution without neighbours is a product of matrices: one row of all pixels, which tiles best.
inline ops::Convolution as_one_row(ops::Convolution conv) {
  const ops::Window& window = conv.window;
  const bool padded = window.pad_top != 0 || window.pad_left != 0 || window.pad_bottom != 0 || window.pad_right != 0;
  if (window.kernel_height != 1 || window.kernel_width != 1 || window.stride_y != 1 || window.stride_x != 1 || padded)
    return conv;
  conv.width = conv.output_width = conv.batch * conv.height * conv.width;
  conv.height = conv.output_height = conv.batch = 1;
  return conv;
}

inline ops::Convolution convolution_of_linear(const Node& node) {
  const Shape& w = node.inputs[1]->shape();
  ops::Convolution conv{.batch = 1, .height = 1, .input_channels = w[1], .output_height = 1, .output_channels = w[0]};
  conv.width = conv.output_width = element_count(node.inputs[0]->shape()) / w[1];
  return conv;
}

// Vectors of output channels of the next block when `rest` vectors remain.
inline int64_t block_vectors(int64_t rest, int64_t pixels, BlockVectors widths = kBlockVectors) {
  if (pixels < 4 && rest >= widths.few_pixels) return widths.few_pixels;
  return std::min(rest, widths.vectors);
}

}  // namespace espalier::kernels
