// Float sigmoid, silu, tanh and softmax: shares out elements and rows.
#include "kernels/exponential_f32.h"

#include "kernels/kernel.h"
#include "kernels/split.h"

namespace espalier::kernels {
namespace {

using Loop = void (*)(const float* x, float* y, int64_t count);

Reason fits(const Node& node) {
  if (node.inputs[0]->type.type != DataType::f32) return reason("the input is {}, not f32", name(node.inputs[0]->type.type));
  return kApplies;
}

Prepared prepare_elements(const Node& node, Loop loop) {
  return {.scratch_size_bytes = 0, .run = [count = element_count(node.output()->shape()), loop](const Call& call) {
            const Range part = elements_of(count, call);
            loop(static_cast<const float*>(call.inputs[0]) + part.begin,
                 static_cast<float*>(call.outputs[0]) + part.begin, part.end - part.begin);
          }};
}

Prepared prepare_rows(const Node& node, Loop loop) {
  const int64_t size = node.inputs[0]->shape().back();
  return {.scratch_size_bytes = 0,
          .run = [size, row_count = element_count(node.output()->shape()) / size, loop](const Call& call) {
            const Range rows = part_of(row_count, call.thread_count, call.thread_index);
            for (int64_t row = rows.begin; row < rows.end; ++row)
              loop(static_cast<const float*>(call.inputs[0]) + row * size,
                   static_cast<float*>(call.outputs[0]) + row * size, size);
          }};
}

}  // namespace

#define EXPONENTIAL_F32(op_name, share, isa_name)                                                               \
  const Kernel op_name##_f32_##isa_name = {                                                                    \
      .name = #op_name "_f32_" #isa_name, .op = #op_name, .isa = Isa::isa_name, .when = fits,                   \
      .prepare = [](const Node& node) { return share(node, exponential_loops_##isa_name.op_name); }};
#define EXPONENTIALS_F32(isa_name)                     \
  EXPONENTIAL_F32(sigmoid, prepare_elements, isa_name) \
  EXPONENTIAL_F32(silu, prepare_elements, isa_name)    \
  EXPONENTIAL_F32(tanh, prepare_elements, isa_name)    \
  EXPONENTIAL_F32(softmax, prepare_rows, isa_name)
EXPONENTIALS_F32(portable)
#if defined(__x86_64__)
EXPONENTIALS_F32(avx2)
EXPONENTIALS_F32(avx512vnni)
#endif
#undef EXPONENTIALS_F32
#undef EXPONENTIAL_F32

}  // namespace espalier::kernels
