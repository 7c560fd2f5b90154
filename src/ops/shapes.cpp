// Shape rules of ops/shapes.h.
#include "ops/shapes.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

namespace espalier::ops {
namespace {

Result<std::vector<int64_t>> list_attribute(const Node& node, const std::string& attribute, size_t count,
                                            int64_t absent, int64_t minimum) {
  const auto found = node.attributes.find(attribute);
  if (found == node.attributes.end()) return std::vector<int64_t>(count, absent);
  const auto* list = std::get_if<std::vector<int64_t>>(&found->second);
  if (list == nullptr || list->size() != count) return error("{} must be a list of {} whole numbers", attribute, count);
  for (const int64_t number : *list)
    if (number < minimum || number > kExtentMax)
      return error("{} must lie in {} to {}, one is {}", attribute, minimum, kExtentMax, number);
  return *list;
}

}  // namespace

Result<std::vector<TensorType>> same_as_input(const Node& node) {
  return std::vector<TensorType>{node.inputs[0]->type};
}

Result<std::vector<TensorType>> broadcast_inputs(const Node& node) {
  const TensorType& a = node.inputs[0]->type;
  const TensorType& b = node.inputs[1]->type;
  if (a.type != b.type) return error("the inputs are {} and {}; both must have one type", name(a.type), name(b.type));
  return std::vector<TensorType>{{a.type, TRY(broadcast_shapes(a.shape, b.shape))}};
}

Result<Shape> broadcast_shapes(const Shape& a, const Shape& b) {
  Shape result(std::max(a.size(), b.size()), 1);
  for (size_t i = 0; i < result.size(); ++i) {
    const int64_t from_a = i < a.size() ? a[a.size() - 1 - i] : 1;
    const int64_t from_b = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (from_a != from_b && from_a != 1 && from_b != 1)
      return error("shapes {} and {} do not broadcast: {} and {} differ", espalier::to_string(a),
                   espalier::to_string(b), from_a, from_b);
    result[result.size() - 1 - i] = from_a == 1 ? from_b : from_a;
  }
  return result;
}

Attributes same_attributes(const Node& node, const std::vector<int64_t>&) { return node.attributes; }

std::vector<int64_t> permuted_back(const std::vector<int64_t>& list, const std::vector<int64_t>& permutation) {
  std::vector<int64_t> result(list.size());
  for (size_t d = 0; d < list.size(); ++d) result[static_cast<size_t>(permutation[d])] = list[d];
  return result;
}

int64_t saturating_product(std::initializer_list<int64_t> factors) {
  int64_t product = 1;
  bool overflow = false;
  for (const int64_t factor : factors) {
    if (factor == 0) return 0;
    overflow |= __builtin_mul_overflow(product, factor, &product);
  }
  return overflow ? std::numeric_limits<int64_t>::max() : product;
}

std::vector<int64_t> dense_strides(const Shape& shape) {
  std::vector<int64_t> strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  return strides;
}

std::vector<int64_t> broadcast_strides(const Shape& shape, const Shape& target) {
  const std::vector<int64_t> dense = dense_strides(shape);
  std::vector<int64_t> strides(target.size(), 0);
  const size_t added = target.size() - shape.size();
  for (size_t i = 0; i < shape.size(); ++i) strides[added + i] = shape[i] == 1 ? 0 : dense[i];
  return strides;
}

void copy_strided(const void* input, void* output, int64_t size, const Shape& output_shape, int64_t input_offset,
                  const std::vector<int64_t>& input_strides) {
  const char* from = static_cast<const char*>(input) + input_offset * size;
  char* to = static_cast<char*>(output);
  for_each_pair(output_shape, input_strides, input_strides, [&](int64_t index, int64_t offset, int64_t) {
    std::memcpy(to + index * size, from + offset * size, static_cast<size_t>(size));
  });
}

Result<int64_t> normalize_axis(int64_t axis, size_t rank) {
  const auto count = static_cast<int64_t>(rank);
  if (axis < -count || axis >= count) return error("axis {} is outside of {} dimensions", axis, count);
  return axis < 0 ? axis + count : axis;
}

Result<Window> window_of(const Node& node, int64_t kernel_height, int64_t kernel_width) {
  const std::vector<int64_t> strides = TRY(list_attribute(node, "strides", 2, 1, 1));
  const std::vector<int64_t> dilations = TRY(list_attribute(node, "dilations", 2, 1, 1));
  const std::vector<int64_t> padding = TRY(list_attribute(node, "padding", 4, 0, 0));
  if (kernel_height < 1 || kernel_width < 1 || kernel_height > kExtentMax || kernel_width > kExtentMax)
    return error("the kernel is {} x {}; each side must be 1 to {}", kernel_height, kernel_width, kExtentMax);
  return Window{.kernel_height = kernel_height,
                .kernel_width = kernel_width,
                .stride_y = strides[0],
                .stride_x = strides[1],
                .dilation_y = dilations[0],
                .dilation_x = dilations[1],
                .pad_top = padding[0],
                .pad_left = padding[1],
                .pad_bottom = padding[2],
                .pad_right = padding[3]};
}

Result<std::array<int64_t, 2>> window_output(const Window& window, int64_t height, int64_t width) {
  const int64_t room_y = height + window.pad_top + window.pad_bottom - window.span_y();
  const int64_t room_x = width + window.pad_left + window.pad_right - window.span_x();
  if (room_y < 0 || room_x < 0)
    return error("a window of {} x {} taps spans {} x {} pixels, the padded input has only {} x {}",
                 window.kernel_height, window.kernel_width, window.span_y(), window.span_x(), room_y + window.span_y(),
                 room_x + window.span_x());
  return std::array<int64_t, 2>{room_y / window.stride_y + 1, room_x / window.stride_x + 1};
}

}  // namespace espalier::ops
