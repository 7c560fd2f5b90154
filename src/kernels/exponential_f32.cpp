// Float sigmoid, silu, tanh and softmax: shares out elements and rows.
#include "kernels/exponential_f32.h"

#include "kernels/kernels_of.h"
#include "kernels/split.h"

namespace espalier::kernels {
namespace {

using Loop = void (*)(const float* x, float* y, int64_t count);

Reason fits(const Node& node) {
  if (node.inputs[0]->type.type != DataType::f32)
    return reason("the input is {}, not f32", name(node.inputs[0]->type.type));
  return kApplies;
}

template <Loop ExponentialLoops::* function>
Prepared prepare_elements(const Node& node, const ExponentialLoops& loops) {
  return {.scratch_size_bytes = 0,
          .run = [count = element_count(node.output()->shape()), loop = loops.*function](const Call& call) {
            const Range part = elements_of(count, call);
            loop(static_cast<const float*>(call.inputs[0]) + part.begin,
                 static_cast<float*>(call.outputs[0]) + part.begin, part.end - part.begin);
          }};
}

Prepared prepare_rows(const Node& node, const ExponentialLoops& loops) {
  const int64_t size = node.inputs[0]->shape().back();
  return {
      .scratch_size_bytes = 0,
      .run = [size, row_count = element_count(node.output()->shape()) / size, loop = loops.softmax](const Call& call) {
        const Range rows = part_of(row_count, call.thread_count, call.thread_index);
        for (int64_t row = rows.begin; row < rows.end; ++row)
          loop(static_cast<const float*>(call.inputs[0]) + row * size,
               static_cast<float*>(call.outputs[0]) + row * size, size);
      }};
}

}  // namespace

KERNELS_OF(sigmoid_f32, "sigmoid", exponential_loops, fits, prepare_elements<&ExponentialLoops::sigmoid>)
KERNELS_OF(silu_f32, "silu", exponential_loops, fits, prepare_elements<&ExponentialLoops::silu>)
KERNELS_OF(tanh_f32, "tanh", exponential_loops, fits, prepare_elements<&ExponentialLoops::tanh>)
KERNELS_OF(softmax_f32, "softmax", exponential_loops, fits, prepare_rows)

}  // namespace espalier::kernels
