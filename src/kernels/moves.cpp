// transpose, slice, space_to_depth, depth_to_space, reshape and concat of equal codes: elements change their place, so
// one kernel serves every type of one size.
#include "kernels/copy_box.h"
#include "kernels/elements.h"
#include "kernels/kernels_of.h"
#include "kernels/split.h"
#include "ops/shapes.h"

namespace espalier::kernels {
namespace {

Reason has_elements(const Node& node) {
  if (element_count(node.output()->shape()) == 0) return reason("the output is empty");
  return kApplies;
}

Prepared copy_one(const Box& box) {
  return {.scratch_size_bytes = 0,
          .run = [copy = BoxCopy(box)](const Call& call) { copy.run(call, call.inputs[0], call.outputs[0]); }};
}

// A box over the whole output, read from the input by the given strides.
Box gathered(const Node& node, int64_t in_offset, std::vector<int64_t> in_strides) {
  const Shape& shape = node.output()->shape();
  return {.extents = shape,
          .in_strides = std::move(in_strides),
          .out_strides = ops::dense_strides(shape),
          .in_offset = in_offset,
          .out_offset = 0,
          .size_bytes = size_bytes(node.output()->type.type)};
}

Prepared prepare_transpose(const Node& node) {
  const std::vector<int64_t> dense = ops::dense_strides(node.inputs[0]->shape());
  std::vector<int64_t> strides;
  for (const int64_t from : node.integers("permutation")) strides.push_back(dense[static_cast<size_t>(from)]);
  return copy_one(gathered(node, 0, strides));
}

Prepared prepare_slice(const Node& node) {
  std::vector<int64_t> strides = ops::dense_strides(node.inputs[0]->shape());
  const std::vector<int64_t> begin = node.integers("begin");
  const std::vector<int64_t> step = node.integers("step");
  int64_t offset = 0;
  for (size_t d = 0; d < strides.size(); ++d) {
    offset += begin[d] * strides[d];
    strides[d] *= node.output()->shape()[d] > 1 ? step[d] : 0;
  }
  return copy_one(gathered(node, offset, strides));
}

// Output [n, h, w, dy, (dx, c)]: a row of a block is contiguous in the input.
Prepared prepare_space_to_depth(const Node& node) {
  const Shape& x = node.inputs[0]->shape();
  const Shape& y = node.output()->shape();
  const int64_t block = node.integer("block");
  const int64_t row = x[2] * x[3];
  Box box;
  box.extents = {y[0], y[1], y[2], block, block * x[3]};
  box.in_strides = {x[1] * row, block * row, block * x[3], row, 1};
  box.out_strides = ops::dense_strides(box.extents);
  box.size_bytes = size_bytes(node.output()->type.type);
  return copy_one(box);
}

// Output [n, h, dy, w, dx, c].
Prepared prepare_depth_to_space(const Node& node) {
  const Shape& x = node.inputs[0]->shape();
  const int64_t block = node.integer("block");
  const int64_t channels = node.output()->shape()[3];
  const bool pixels_first = node.text("order", "pixels_first") == "pixels_first";
  const int64_t pixel = pixels_first ? channels : 1;
  Box box;
  box.extents = {x[0], x[1], block, x[2], block, channels};
  box.in_strides = {x[1] * x[2] * x[3], x[2] * x[3], block * pixel, x[3], pixel, pixels_first ? 1 : block * block};
  box.out_strides = ops::dense_strides(box.extents);
  box.size_bytes = size_bytes(node.output()->type.type);
  return copy_one(box);
}

Prepared prepare_reshape(const Node& node) {
  return copy_one({.extents = {element_count(node.output()->shape())},
                   .in_strides = {1},
                   .out_strides = {1},
                   .in_offset = 0,
                   .out_offset = 0,
                   .size_bytes = size_bytes(node.output()->type.type)});
}

// ---- concat ----
// Input i is [outer, lengths[i]], the output [outer, total].
struct Joined {
  int64_t outer = 1, total = 0;
  std::vector<int64_t> lengths, offsets;
};
Joined joined(const Node& node) {
  const auto axis = static_cast<size_t>(node.integer("axis"));
  Joined result;
  for (size_t d = 0; d < axis; ++d) result.outer *= node.output()->shape()[d];
  for (const Value* input : node.inputs) {
    result.lengths.push_back(element_count(input->shape()) / result.outer);
    result.offsets.push_back(result.total);
    result.total += result.lengths.back();
  }
  return result;
}

Reason concat_copies(const Node& node) {
  const Value& output = *node.output();
  if (output.type.type == DataType::s8)
    for (size_t i = 0; i < node.inputs.size(); ++i)
      if (node.inputs[i]->quantization != output.quantization)
        return reason("input {} has another scale or zero point than the output", i);
  return has_elements(node);
}

Prepared prepare_concat_any(const Node& node) {
  const Joined parts = joined(node);
  std::vector<BoxCopy> copies;
  for (size_t i = 0; i < parts.lengths.size(); ++i)
    copies.emplace_back(Box{.extents = {parts.outer, parts.lengths[i]},
                            .in_strides = {parts.lengths[i], 1},
                            .out_strides = {parts.total, 1},
                            .in_offset = 0,
                            .out_offset = parts.offsets[i],
                            .size_bytes = size_bytes(node.output()->type.type)});
  return {.scratch_size_bytes = 0, .run = [copies](const Call& call) {
            for (size_t i = 0; i < copies.size(); ++i) copies[i].run(call, call.inputs[i], call.outputs[0]);
          }};
}

Reason concat_rescales(const Node& node) {
  if (node.output()->type.type != DataType::s8)
    return reason("the output is {}, not s8", name(node.output()->type.type));
  return has_elements(node);
}

Prepared prepare_concat_s8(const Node& node, const ElementLoops& loops) {
  const Value& output = *node.output();
  std::vector<Rescale> rescales;
  for (const Value* input : node.inputs)
    rescales.push_back({.zero_a = input->zero_point(),
                        .multiplier_a = input->scale() / output.scale(),
                        .output_zero = output.zero_point()});
  return {.scratch_size_bytes = 0, .run = [parts = joined(node), rescales, loops](const Call& call) {
            const Range rows = part_of(parts.outer, call.thread_count, call.thread_index);
            for (int64_t row = rows.begin; row < rows.end; ++row)
              for (size_t i = 0; i < rescales.size(); ++i)
                loops.rescale_s8(static_cast<const int8_t*>(call.inputs[i]) + row * parts.lengths[i],
                                 static_cast<int8_t*>(call.outputs[0]) + row * parts.total + parts.offsets[i],
                                 parts.lengths[i], rescales[i]);
          }};
}

}  // namespace

const Kernel transpose_any_portable = {.name = "transpose_any_portable",
                                       .op = "transpose",
                                       .isa = Isa::portable,
                                       .when = has_elements,
                                       .prepare = prepare_transpose};
const Kernel slice_any_portable = {
    .name = "slice_any_portable", .op = "slice", .isa = Isa::portable, .when = has_elements, .prepare = prepare_slice};
const Kernel space_to_depth_any_portable = {.name = "space_to_depth_any_portable",
                                            .op = "space_to_depth",
                                            .isa = Isa::portable,
                                            .when = has_elements,
                                            .prepare = prepare_space_to_depth};
const Kernel depth_to_space_any_portable = {.name = "depth_to_space_any_portable",
                                            .op = "depth_to_space",
                                            .isa = Isa::portable,
                                            .when = has_elements,
                                            .prepare = prepare_depth_to_space};
const Kernel reshape_any_portable = {.name = "reshape_any_portable",
                                     .op = "reshape",
                                     .isa = Isa::portable,
                                     .when = has_elements,
                                     .prepare = prepare_reshape};
const Kernel concat_any_portable = {.name = "concat_any_portable",
                                    .op = "concat",
                                    .isa = Isa::portable,
                                    .when = concat_copies,
                                    .prepare = prepare_concat_any};
KERNELS_OF(concat_s8, "concat", element_loops, concat_rescales, prepare_concat_s8)

}  // namespace espalier::kernels
