// softmax and layer_norm of integers, layer_norm of floats, prelu of both: shares out rows.
#include "kernels/rows.h"

#include <memory>
#include <vector>

#include "kernels/kernels_of.h"
#include "kernels/split.h"
#include "numerics/reductions.h"
#include "numerics/tables.h"
#include "ops/shapes.h"

namespace espalier::kernels {
namespace {

template <DataType type>
Reason fits(const Node& node) {
  if (node.inputs[0]->type.type != type)
    return reason("the input is {}, not {}", name(node.inputs[0]->type.type), name(type));
  if (element_count(node.output()->shape()) == 0) return reason("the output is empty");
  return kApplies;
}

// Rows of the last dimension, and the part of a thread.
struct Rows {
  int64_t size, count;
};
Rows rows_of(const Node& node) {
  const Shape& shape = node.output()->shape();
  return {shape.back(), element_count(shape) / shape.back()};
}

Prepared prepare_softmax_s8(const Node& node, const RowLoops& loops) {
  const Rows rows = rows_of(node);
  return {.scratch_size_bytes = rows.size * int64_t{sizeof(uint32_t)},
          .run = [rows, table = softmax_table(node.inputs[0]->scale()), scale = node.output()->scale(),
                  zero = node.output()->zero_point(), loop = loops.softmax_s8](const Call& call) {
            const Range part = part_of(rows.count, call.thread_count, call.thread_index);
            for (int64_t row = part.begin; row < part.end; ++row)
              loop(static_cast<const int8_t*>(call.inputs[0]) + row * rows.size,
                   static_cast<int8_t*>(call.outputs[0]) + row * rows.size, rows.size, table.data(), scale, zero,
                   static_cast<uint32_t*>(call.scratch));
          }};
}

// scale and bias are divided by the output's scale at each call, for they may be computed: gamma, then beta, in
// scratch.
Prepared prepare_layer_norm_s8(const Node& node, const RowLoops& loops) {
  const Rows rows = rows_of(node);
  return {.scratch_size_bytes = 2 * rows.size * int64_t{sizeof(float)},
          .run = [rows, scale = node.output()->scale(), zero = node.output()->zero_point(),
                  epsilon = epsilon_in_integers(node.real("epsilon", 1e-5f), node.inputs[0]->scale()),
                  input_count = node.inputs.size(), loop = loops.layer_norm_s8](const Call& call) {
            auto* gamma = static_cast<float*>(call.scratch);
            float* beta = gamma + rows.size;
            const auto* scales = input_count > 1 ? static_cast<const float*>(call.inputs[1]) : nullptr;
            const auto* biases = input_count > 2 ? static_cast<const float*>(call.inputs[2]) : nullptr;
            for (int64_t i = 0; i < rows.size; ++i) gamma[i] = (scales == nullptr ? 1.0f : scales[i]) / scale;
            for (int64_t i = 0; i < rows.size; ++i) beta[i] = (biases == nullptr ? 0.0f : biases[i]) / scale;
            const Range part = part_of(rows.count, call.thread_count, call.thread_index);
            for (int64_t row = part.begin; row < part.end; ++row)
              loop(static_cast<const int8_t*>(call.inputs[0]) + row * rows.size,
                   static_cast<int8_t*>(call.outputs[0]) + row * rows.size, rows.size, epsilon, gamma, beta, zero);
          }};
}

Prepared prepare_layer_norm_f32(const Node& node, const RowLoops& loops) {
  return {.scratch_size_bytes = 0,
          .run = [rows = rows_of(node), epsilon = node.real("epsilon", 1e-5f), input_count = node.inputs.size(),
                  loop = loops.layer_norm_f32](const Call& call) {
            const auto* scale = input_count > 1 ? static_cast<const float*>(call.inputs[1]) : nullptr;
            const auto* bias = input_count > 2 ? static_cast<const float*>(call.inputs[2]) : nullptr;
            const Range part = part_of(rows.count, call.thread_count, call.thread_index);
            for (int64_t row = part.begin; row < part.end; ++row)
              loop(static_cast<const float*>(call.inputs[0]) + row * rows.size,
                   static_cast<float*>(call.outputs[0]) + row * rows.size, rows.size, epsilon, scale, bias);
          }};
}

// Rows of x with where the slopes of each begin; within a row they go along or are one.
struct Slopes {
  Rows rows;
  std::vector<int64_t> begins;
  int64_t step = 0;
};
Slopes slopes_of(const Node& node) {
  const Shape& shape = node.output()->shape();
  const Shape whole = shape.empty() ? Shape{1} : shape;
  const std::vector<int64_t> strides = ops::broadcast_strides(node.inputs[1]->shape(), whole);
  Slopes slopes{.rows = {whole.back(), element_count(whole) / whole.back()}, .begins = {}, .step = strides.back()};
  const Shape outer(whole.begin(), whole.end() - 1);
  const std::vector<int64_t> outer_strides(strides.begin(), strides.end() - 1);
  ops::for_each_pair(outer, outer_strides, outer_strides,
                     [&](int64_t, int64_t begin, int64_t) { slopes.begins.push_back(begin); });
  return slopes;
}

// "the slope is computed at run time"
Reason fits_prelu_s8(const Node& node) {
  const Reason others = fits<DataType::s8>(node);
  if (!others.applies()) return others;
  if (!node.inputs[1]->is_constant()) return reason("the slope is computed at run time");
  return kApplies;
}

Prepared prepare_prelu_s8(const Node& node, const RowLoops& loops) {
  const Value& x = *node.inputs[0];
  const Value& y = *node.output();
  const float multiplier = x.scale() / y.scale();
  const Tensor& slope = node.inputs[1]->constant;
  std::vector<float> below(static_cast<size_t>(slope.count()));
  for (size_t i = 0; i < below.size(); ++i) below[i] = multiplier * slope.data<float>()[i];
  return {.scratch_size_bytes = 0,
          .run = [slopes = slopes_of(node), below, multiplier, input_zero = x.zero_point(), zero = y.zero_point(),
                  loop = loops.prelu_s8](const Call& call) {
            const Range part = part_of(slopes.rows.count, call.thread_count, call.thread_index);
            for (int64_t row = part.begin; row < part.end; ++row)
              loop(static_cast<const int8_t*>(call.inputs[0]) + row * slopes.rows.size,
                   static_cast<int8_t*>(call.outputs[0]) + row * slopes.rows.size, slopes.rows.size, multiplier,
                   below.data() + slopes.begins[static_cast<size_t>(row)], slopes.step, input_zero, zero);
          }};
}

Prepared prepare_prelu_f32(const Node& node, const RowLoops& loops) {
  return {.scratch_size_bytes = 0, .run = [slopes = slopes_of(node), loop = loops.prelu_f32](const Call& call) {
            const Range part = part_of(slopes.rows.count, call.thread_count, call.thread_index);
            for (int64_t row = part.begin; row < part.end; ++row)
              loop(static_cast<const float*>(call.inputs[0]) + row * slopes.rows.size,
                   static_cast<float*>(call.outputs[0]) + row * slopes.rows.size, slopes.rows.size,
                   static_cast<const float*>(call.inputs[1]) + slopes.begins[static_cast<size_t>(row)], slopes.step);
          }};
}

}  // namespace

KERNELS_OF(softmax_s8, "softmax", row_loops, fits<DataType::s8>, prepare_softmax_s8)
KERNELS_OF(layer_norm_s8, "layer_norm", row_loops, fits<DataType::s8>, prepare_layer_norm_s8)
KERNELS_OF(layer_norm_f32, "layer_norm", row_loops, fits<DataType::f32>, prepare_layer_norm_f32)
KERNELS_OF(prelu_s8, "prelu", row_loops, fits_prelu_s8, prepare_prelu_s8)
KERNELS_OF(prelu_f32, "prelu", row_loops, fits<DataType::f32>, prepare_prelu_f32)

}  // namespace espalier::kernels
