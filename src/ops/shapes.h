// Shape rules and index arithmetic that several operators share.
#pragma once

#include <array>

#include "ops/op.h"

namespace espalier::ops {

// The largest kernel, stride, dilation and padding. Far above any real network; keeps products inside 63 bits.
inline constexpr int64_t kExtentMax = int64_t{1} << 24;

// The output has the type and shape of the first input.
Result<std::vector<TensorType>> same_as_input(const Node& node);
// The output has the numpy broadcast of both shapes and the type of the first input.
Result<std::vector<TensorType>> broadcast_inputs(const Node& node);
Result<Shape> broadcast_shapes(const Shape& a, const Shape& b);

// OpSpec::attributes_before_transpose of operators that treat all elements alike, whatever their place.
Attributes same_attributes(const Node& node, const std::vector<int64_t>& permutation);
// list[d] of the transposed tensor belongs to dimension permutation[d] of the original: brings it back there.
std::vector<int64_t> permuted_back(const std::vector<int64_t>& list, const std::vector<int64_t>& permutation);

// The product, or the largest int64_t where it does not fit. Requires: no factor is negative.
int64_t saturating_product(std::initializer_list<int64_t> factors);

// Distance in elements between neighbours of each dimension of a dense tensor.
std::vector<int64_t> dense_strides(const Shape& shape);
// Strides of `shape` seen as `target`: 0 where it is broadcast. Requires: broadcast_shapes accepts them.
std::vector<int64_t> broadcast_strides(const Shape& shape, const Shape& target);

// Calls visit(index in output order, offset of a, offset of b) for every element of `shape`.
template <class Visit>
void for_each_pair(const Shape& shape, const std::vector<int64_t>& strides_a, const std::vector<int64_t>& strides_b,
                   Visit visit) {
  const size_t rank = shape.size();
  std::vector<int64_t> position(rank, 0);
  int64_t a = 0;
  int64_t b = 0;
  const int64_t count = element_count(shape);
  for (int64_t index = 0; index < count; ++index) {
    visit(index, a, b);
    for (size_t d = rank; d-- > 0;) {
      a += strides_a[d];
      b += strides_b[d];
      if (++position[d] < shape[d]) break;
      a -= strides_a[d] * shape[d];
      b -= strides_b[d] * shape[d];
      position[d] = 0;
    }
  }
}

// Copies `count` elements of `size` bytes, gathered by strides (in elements) from `input` to a dense output.
void copy_strided(const void* input, void* output, int64_t size, const Shape& output_shape, int64_t input_offset,
                  const std::vector<int64_t>& input_strides);

// -1 counts from the end. An error when it is outside of the rank.
Result<int64_t> normalize_axis(int64_t axis, size_t rank);

// Kernel, strides, padding and dilations of a window that slides over NHWC maps.
struct Window {
  int64_t kernel_height = 1, kernel_width = 1;
  int64_t stride_y = 1, stride_x = 1;
  int64_t dilation_y = 1, dilation_x = 1;
  int64_t pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;

  int64_t span_y() const { return (kernel_height - 1) * dilation_y + 1; }  // rows from the first tap to the last
  int64_t span_x() const { return (kernel_width - 1) * dilation_x + 1; }
};
inline const std::vector<AttributeSpec> kWindowAttributes = {
    {"strides", kIntegers, "pixels per step [y, x], default [1, 1]"},
    {"padding", kIntegers, "pixels added [top, left, bottom, right], default none"},
    {"dilations", kIntegers, "pixels between taps [y, x], default [1, 1]"},
};
// Attributes of the node as a window of the given kernel. Errors for lists of wrong length or values out of range.
Result<Window> window_of(const Node& node, int64_t kernel_height, int64_t kernel_width);
// [height, width] after the window has slid over an input.
Result<std::array<int64_t, 2>> window_output(const Window& window, int64_t height, int64_t width);

}  // namespace espalier::ops
