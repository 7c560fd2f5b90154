// add, sub, mul and div with broadcasting: both inputs become runs that are contiguous or one element, and loops of
// elements.h combine them.
#include <algorithm>
#include <vector>

#include "kernels/elements.h"
#include "kernels/kernels_of.h"
#include "kernels/split.h"
#include "ops/activation.h"
#include "ops/shapes.h"

namespace espalier::kernels {
namespace {

// Dimensions of the output, outermost first, and the inputs' distances. The last one is the run; its steps are 0 or 1.
struct Runs {
  std::vector<int64_t> extents, a_strides, b_strides;
  int64_t run_count = 1;  // product of all extents but the last
};

// Neighbours merge where both inputs step through them as through one dimension.
Runs runs_of(const Node& node) {
  const Shape& shape = node.output()->shape();
  const std::vector<int64_t> a = ops::broadcast_strides(node.inputs[0]->shape(), shape);
  const std::vector<int64_t> b = ops::broadcast_strides(node.inputs[1]->shape(), shape);
  Runs runs;
  for (size_t d = 0; d < shape.size(); ++d) {
    if (shape[d] == 1) continue;
    if (!runs.extents.empty() && runs.a_strides.back() == a[d] * shape[d] && runs.b_strides.back() == b[d] * shape[d]) {
      runs.extents.back() *= shape[d];
      runs.a_strides.back() = a[d];
      runs.b_strides.back() = b[d];
    } else {
      runs.extents.push_back(shape[d]);
      runs.a_strides.push_back(a[d]);
      runs.b_strides.push_back(b[d]);
    }
  }
  if (runs.extents.empty()) {
    runs.extents = {1};
    runs.a_strides = runs.b_strides = {1};
  }
  for (size_t d = 0; d + 1 < runs.extents.size(); ++d) runs.run_count *= runs.extents[d];
  return runs;
}

// Calls run(a offset, b offset, output offset, count) for the thread's share of the runs, or of the only one.
template <class Run>
void for_each_run(const Runs& runs, const Call& call, Run run) {
  const int64_t length = runs.extents.back();
  const int64_t a_step = runs.a_strides.back();
  const int64_t b_step = runs.b_strides.back();
  if (runs.run_count == 1) {
    const Range part = elements_of(length, call);
    if (part.begin < part.end) run(part.begin * a_step, part.begin * b_step, part.begin, part.end - part.begin);
    return;
  }
  const Range part = part_of(runs.run_count, call.thread_count, call.thread_index);
  for (int64_t index = part.begin; index < part.end; ++index) {
    int64_t a = 0;
    int64_t b = 0;
    int64_t rest = index;
    for (size_t d = runs.extents.size() - 1; d-- > 0;) {
      const int64_t position = rest % runs.extents[d];
      rest /= runs.extents[d];
      a += position * runs.a_strides[d];
      b += position * runs.b_strides[d];
    }
    run(a, b, index * length, length);
  }
}

template <DataType type>
Reason fits(const Node& node) {
  for (size_t i = 0; i < 2; ++i)
    if (node.inputs[i]->type.type != type)
      return reason("input {} is {}, not {}", i, name(node.inputs[i]->type.type), name(type));
  if (element_count(node.output()->shape()) == 0) return reason("the output is empty");
  return kApplies;
}

template <PairsF32 ElementLoops::* loop>
Prepared prepare_f32(const Node& node, const ElementLoops& loops) {
  const ops::Clamp clamp = node.op == "add" ? ops::activation_of(node) : ops::Clamp{};
  return {
      .scratch_size_bytes = 0,
      .run = [runs = runs_of(node), range = TwoFloats{clamp.min, clamp.max}, combine = loops.*loop](const Call& call) {
        const auto* a = static_cast<const float*>(call.inputs[0]);
        const auto* b = static_cast<const float*>(call.inputs[1]);
        auto* y = static_cast<float*>(call.outputs[0]);
        for_each_run(runs, call, [&](int64_t from_a, int64_t from_b, int64_t to, int64_t count) {
          combine(a + from_a, runs.a_strides.back(), b + from_b, runs.b_strides.back(), y + to, count, range);
        });
      }};
}

Rescale rescale_of(const Node& node) {
  const Value& a = *node.inputs[0];
  const Value& b = *node.inputs[1];
  const Value& y = *node.output();
  Rescale rescale{.zero_a = a.zero_point(),
                  .zero_b = b.zero_point(),
                  .multiplier_a = a.scale() / y.scale(),
                  .multiplier_b = b.scale() / y.scale(),
                  .output_zero = y.zero_point()};
  if (node.op == "mul") rescale.multiplier_a = requantize_multiplier(a.scale(), b.scale(), y.scale());
  if (node.op == "add") {
    const OutputRange range = ops::integer_activation_of(node);
    rescale.min = range.min;
    rescale.max = range.max;
  }
  return rescale;
}

template <PairsS8 ElementLoops::* loop>
Prepared prepare_s8(const Node& node, const ElementLoops& loops) {
  return {.scratch_size_bytes = 0,
          .run = [runs = runs_of(node), rescale = rescale_of(node), combine = loops.*loop](const Call& call) {
            const auto* a = static_cast<const int8_t*>(call.inputs[0]);
            const auto* b = static_cast<const int8_t*>(call.inputs[1]);
            auto* y = static_cast<int8_t*>(call.outputs[0]);
            for_each_run(runs, call, [&](int64_t from_a, int64_t from_b, int64_t to, int64_t count) {
              combine(a + from_a, runs.a_strides.back(), b + from_b, runs.b_strides.back(), y + to, count, rescale);
            });
          }};
}

}  // namespace

KERNELS_OF(add_s8, "add", element_loops, fits<DataType::s8>, prepare_s8<&ElementLoops::add_s8>)
KERNELS_OF(sub_s8, "sub", element_loops, fits<DataType::s8>, prepare_s8<&ElementLoops::sub_s8>)
KERNELS_OF(mul_s8, "mul", element_loops, fits<DataType::s8>, prepare_s8<&ElementLoops::mul_s8>)
KERNELS_OF(add_f32, "add", element_loops, fits<DataType::f32>, prepare_f32<&ElementLoops::add_f32>)
KERNELS_OF(sub_f32, "sub", element_loops, fits<DataType::f32>, prepare_f32<&ElementLoops::sub_f32>)
KERNELS_OF(mul_f32, "mul", element_loops, fits<DataType::f32>, prepare_f32<&ElementLoops::mul_f32>)
KERNELS_OF(div_f32, "div", element_loops, fits<DataType::f32>, prepare_f32<&ElementLoops::div_f32>)

}  // namespace espalier::kernels
