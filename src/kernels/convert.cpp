// quantize, dequantize and table: from one type or code to another, element by element.
#include "kernels/elements.h"
#include "kernels/kernels_of.h"
#include "kernels/split.h"

namespace espalier::kernels {
namespace {

Reason always(const Node&) { return kApplies; }

Prepared prepare_quantize(const Node& node, const ElementLoops& loops) {
  const Value& y = *node.output();
  return {.scratch_size_bytes = 0,
          .run = [count = element_count(y.shape()), scale = y.scale(), zero = y.zero_point(),
                  quantize = loops.quantize_f32](const Call& call) {
            const Range part = elements_of(count, call);
            quantize(static_cast<const float*>(call.inputs[0]) + part.begin,
                     static_cast<int8_t*>(call.outputs[0]) + part.begin, part.end - part.begin, scale, zero);
          }};
}

Prepared prepare_dequantize(const Node& node, const ElementLoops& loops) {
  const Value& x = *node.inputs[0];
  return {.scratch_size_bytes = 0,
          .run = [count = element_count(x.shape()), scale = x.scale(), zero = x.zero_point(),
                  dequantize = loops.dequantize_s8](const Call& call) {
            const Range part = elements_of(count, call);
            dequantize(static_cast<const int8_t*>(call.inputs[0]) + part.begin,
                       static_cast<float*>(call.outputs[0]) + part.begin, part.end - part.begin, scale, zero);
          }};
}

Prepared prepare_table(const Node& node, const ElementLoops& loops) {
  return {.scratch_size_bytes = 0,
          .run = [count = element_count(node.output()->shape()), look_up = loops.table_s8](const Call& call) {
            const Range part = elements_of(count, call);
            look_up(static_cast<const int8_t*>(call.inputs[0]) + part.begin, static_cast<const int8_t*>(call.inputs[1]),
                    static_cast<int8_t*>(call.outputs[0]) + part.begin, part.end - part.begin);
          }};
}

}  // namespace

KERNELS_OF(quantize_f32, "quantize", element_loops, always, prepare_quantize)
KERNELS_OF(dequantize_s8, "dequantize", element_loops, always, prepare_dequantize)
KERNEL_OF(table_s8, "table", element_loops, portable, always, prepare_table)
#if defined(__aarch64__)
KERNEL_OF(table_s8, "table", element_loops, neon, always, prepare_table)
#endif

}  // namespace espalier::kernels
