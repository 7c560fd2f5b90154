// square_f32_portable: y = x * x, each thread on its own run of elements.
#include "base/thread_pool.h"
#include "kernels/kernel.h"

namespace espalier::kernels {
namespace {

// "it squares {}, this kernel squares f32"
Reason when(const Node& node) {
  const DataType type = node.inputs[0]->type.type;
  if (type != DataType::f32) return reason("it squares {}, this kernel squares f32", name(type));
  return kApplies;
}

Prepared prepare(const Node& node) {
  const int64_t count = element_count(node.output()->shape());
  return {.scratch_size_bytes = 0, .run = [count](const Call& call) {
            const float* x = static_cast<const float*>(call.inputs[0]);
            float* y = static_cast<float*>(call.outputs[0]);
            const Range range = part_of(count, call.thread_count, call.thread_index);
            for (int64_t i = range.begin; i < range.end; ++i) y[i] = x[i] * x[i];
          }};
}

}  // namespace

const Kernel square_f32_portable = {"square_f32_portable", "square", Isa::portable, when, prepare};

}  // namespace espalier::kernels
