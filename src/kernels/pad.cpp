// pad: rows of the output are the constant, or an input row between two stretches of it. One kernel for each size.
#include <algorithm>
#include <cstring>
#include <vector>

#include "kernels/kernel.h"
#include "kernels/split.h"
#include "numerics/quantize.h"
#include "ops/shapes.h"

namespace espalier::kernels {
namespace {

// Outer dimensions, then rows of elements; trailing dimensions without padding belong to the row.
struct Padding {
  std::vector<int64_t> output, input, before;  // extents and padding of the outer dimensions
  int64_t row_before = 0, row_input = 0, row_after = 0;
  int64_t row_count = 1;
};

Padding padding_of(const Node& node) {
  const Shape& input = node.inputs[0]->shape();
  const Shape& output = node.output()->shape();
  const std::vector<int64_t> before = node.integers("before");
  Padding padding;
  size_t last = input.size();
  int64_t inner = 1;
  while (last > 1 && input[last - 1] == output[last - 1]) inner *= input[--last];
  // The row is the last padded dimension with everything inside it.
  const size_t row = last == 0 ? 0 : last - 1;
  if (!input.empty()) {
    padding.row_before = before[row] * inner;
    padding.row_input = input[row] * inner;
    padding.row_after = (output[row] - before[row] - input[row]) * inner;
  } else {
    padding.row_input = 1;
  }
  for (size_t d = 0; d < row; ++d) {
    padding.output.push_back(output[d]);
    padding.input.push_back(input[d]);
    padding.before.push_back(before[d]);
    padding.row_count *= output[d];
  }
  return padding;
}

template <class T>
Prepared prepare_with(const Node& node, T value) {
  return {.scratch_size_bytes = 0, .run = [padding = padding_of(node), value](const Call& call) {
            const int64_t row_size = padding.row_before + padding.row_input + padding.row_after;
            const Range rows = part_of(padding.row_count, call.thread_count, call.thread_index);
            for (int64_t row = rows.begin; row < rows.end; ++row) {
              T* y = static_cast<T*>(call.outputs[0]) + row * row_size;
              int64_t rest = row;
              int64_t from = 0;
              int64_t stride = 1;
              bool inside = true;
              for (size_t d = padding.output.size(); d-- > 0;) {
                const int64_t position = rest % padding.output[d] - padding.before[d];
                rest /= padding.output[d];
                inside = inside && position >= 0 && position < padding.input[d];
                from += position * stride;
                stride *= padding.input[d];
              }
              if (!inside) {
                std::fill_n(y, row_size, value);
                continue;
              }
              std::fill_n(y, padding.row_before, value);
              std::memcpy(y + padding.row_before, static_cast<const T*>(call.inputs[0]) + from * padding.row_input,
                          static_cast<size_t>(padding.row_input) * sizeof(T));
              std::fill_n(y + padding.row_before + padding.row_input, padding.row_after, value);
            }
          }};
}

Reason fits(const Node& node) {
  if (element_count(node.output()->shape()) == 0) return reason("the output is empty");
  return kApplies;
}

Prepared prepare(const Node& node) {
  const Value& x = *node.inputs[0];
  const float value = node.real("value");
  if (x.type.type == DataType::s8) return prepare_with<int8_t>(node, quantize_s8(value, x.scale(), x.zero_point()));
  return prepare_with<float>(node, value);
}

}  // namespace

const Kernel pad_any_portable = {
    .name = "pad_any_portable", .op = "pad", .isa = Isa::portable, .when = fits, .prepare = prepare};

}  // namespace espalier::kernels
