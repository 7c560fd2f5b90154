// resize: nearest moves pixels, linear combines four of them channel by channel.
#include "ops/resize.h"

#include <cstring>

#include "kernels/elements.h"
#include "kernels/kernels_of.h"
#include "kernels/split.h"

namespace espalier::kernels {
namespace {

struct Taps {
  std::vector<ops::ResizeTap> rows, columns;
  int64_t batch = 0, height = 0, width = 0, channels = 0;
};
Taps taps_of(const Node& node) {
  const Shape& x = node.inputs[0]->shape();
  return {.rows = ops::resize_taps(node, 0),
          .columns = ops::resize_taps(node, 1),
          .batch = x[0],
          .height = x[1],
          .width = x[2],
          .channels = x[3]};
}

// Calls row(batch index, row tap, output offset) for the thread's share of the output rows.
template <class Row>
void for_each_row(const Taps& taps, const Call& call, Row row) {
  const auto height = static_cast<int64_t>(taps.rows.size());
  const Range rows = part_of(taps.batch * height, call.thread_count, call.thread_index);
  for (int64_t index = rows.begin; index < rows.end; ++index)
    row(index / height, taps.rows[static_cast<size_t>(index % height)],
        index * static_cast<int64_t>(taps.columns.size()) * taps.channels);
}

Reason is_nearest(const Node& node) {
  const std::string mode = node.text("mode");
  if (mode != "nearest") return reason("the mode is {}, not nearest", mode);
  return kApplies;
}

Prepared prepare_nearest(const Node& node) {
  return {.scratch_size_bytes = 0,
          .run = [taps = taps_of(node), size = size_bytes(node.output()->type.type)](const Call& call) {
            const auto* x = static_cast<const char*>(call.inputs[0]);
            const int64_t pixel_bytes = taps.channels * size;
            for_each_row(taps, call, [&](int64_t n, const ops::ResizeTap& row, int64_t to) {
              const char* from = x + (n * taps.height + row.first) * taps.width * pixel_bytes;
              char* y = static_cast<char*>(call.outputs[0]) + to * size;
              for (const ops::ResizeTap& column : taps.columns) {
                std::memcpy(y, from + column.first * pixel_bytes, static_cast<size_t>(pixel_bytes));
                y += pixel_bytes;
              }
            });
          }};
}

template <DataType type>
Reason is_linear(const Node& node) {
  if (node.inputs[0]->type.type != type)
    return reason("the input is {}, not {}", name(node.inputs[0]->type.type), name(type));
  const std::string mode = node.text("mode");
  if (mode != "linear") return reason("the mode is {}, not linear", mode);
  return kApplies;
}

// Calls interpolate(corner offsets a b c d, weights x y, output offset); a pixel with both weights 0 is copied.
template <class T, class Interpolate>
void interpolate_rows(const Taps& taps, const Call& call, Interpolate interpolate) {
  const T* x = static_cast<const T*>(call.inputs[0]);
  T* y = static_cast<T*>(call.outputs[0]);
  for_each_row(taps, call, [&](int64_t n, const ops::ResizeTap& row, int64_t to) {
    const T* top = x + (n * taps.height + row.first) * taps.width * taps.channels;
    const T* bottom = x + (n * taps.height + row.second) * taps.width * taps.channels;
    for (const ops::ResizeTap& column : taps.columns) {
      const int64_t left = column.first * taps.channels;
      const int64_t right = column.second * taps.channels;
      if (column.weight == 0 && row.weight == 0) {
        std::memcpy(y + to, top + left, static_cast<size_t>(taps.channels) * sizeof(T));
      } else {
        interpolate(top + left, top + right, bottom + left, bottom + right, column.weight, row.weight, y + to);
      }
      to += taps.channels;
    }
  });
}

Prepared prepare_linear_s8(const Node& node, const ElementLoops& loops) {
  return {.scratch_size_bytes = 0,
          .run = [taps = taps_of(node), zero = node.inputs[0]->zero_point(),
                  loop = loops.interpolate_s8](const Call& call) {
            interpolate_rows<int8_t>(taps, call,
                                     [&](const int8_t* a, const int8_t* b, const int8_t* c, const int8_t* d, float wx,
                                         float wy, int8_t* y) { loop(a, b, c, d, wx, wy, zero, y, taps.channels); });
          }};
}

Prepared prepare_linear_f32(const Node& node, const ElementLoops& loops) {
  return {.scratch_size_bytes = 0, .run = [taps = taps_of(node), loop = loops.interpolate_f32](const Call& call) {
            interpolate_rows<float>(taps, call,
                                    [&](const float* a, const float* b, const float* c, const float* d, float wx,
                                        float wy, float* y) { loop(a, b, c, d, wx, wy, y, taps.channels); });
          }};
}

}  // namespace

const Kernel resize_any_portable = {.name = "resize_any_portable",
                                    .op = "resize",
                                    .isa = Isa::portable,
                                    .when = is_nearest,
                                    .prepare = prepare_nearest};
KERNELS_OF(resize_s8, "resize", element_loops, is_linear<DataType::s8>, prepare_linear_s8)
KERNELS_OF(resize_f32, "resize", element_loops, is_linear<DataType::f32>, prepare_linear_f32)

}  // namespace espalier::kernels
