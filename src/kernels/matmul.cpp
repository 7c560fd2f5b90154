// Products of two computed matrices: the right one is packed at each call, into the thread's scratch, for the loops of
// conv2d_s8 and conv2d_f32, which then see a linear layer. Packing depth x columns elements serves
// rows x depth x columns products, so it pays from a few rows on.
//
//   scratch: staged rows of the left matrix | blocks with their pointers | packed right matrix
#include "ops/matmul.h"

#include <limits>
#include <memory>

#include "kernels/conv2d_f32.h"
#include "kernels/conv2d_s8.h"
#include "kernels/cut_into_areas.h"
#include "kernels/kernel.h"
#include "kernels/product.h"
#include "kernels/split.h"
#include "numerics/requantize.h"

namespace espalier::kernels {
namespace {

constexpr int64_t kAlignment = 64;
int64_t aligned(int64_t size_bytes) { return (size_bytes + kAlignment - 1) / kAlignment * kAlignment; }

// Columns that are computed together.
struct Columns {
  int64_t first = 0, count = 0, vectors = 0;
  int64_t weights_begin = 0;  // in packed elements
};

std::vector<Columns> cut_columns(const ops::MatmulSizes& sizes, int64_t lanes, int64_t packed_depth) {
  std::vector<Columns> blocks;
  const int64_t vectors = (sizes.columns + lanes - 1) / lanes;
  for (int64_t first = 0; first < vectors; first += blocks.back().vectors)
    blocks.push_back({.first = first * lanes,
                      .count = 0,
                      .vectors = block_vectors(vectors - first, sizes.rows),
                      .weights_begin = first * lanes * packed_depth});
  for (Columns& block : blocks) block.count = std::min(block.vectors * lanes, sizes.columns - block.first);
  return blocks;
}

// Calls run(batch, share of rows and columns): whole batches per thread where there are enough of them.
template <class Run>
void for_each_batch(const ops::MatmulSizes& sizes, int64_t row_parts, int64_t column_parts, const Call& call, Run run) {
  const auto batch_count = static_cast<int64_t>(sizes.batches.size());
  const bool by_batch = batch_count >= call.thread_count;
  const Range batches = by_batch ? part_of(batch_count, call.thread_count, call.thread_index) : Range{0, batch_count};
  const Share share =
      by_batch ? Share{.rows = {0, row_parts}, .columns = {0, column_parts}} : share_of(row_parts, column_parts, call);
  for (int64_t batch = batches.begin; batch < batches.end; ++batch) run(batch, share);
}

template <DataType type>
Reason fits(const Node& node) {
  if (node.inputs[0]->type.type != type)
    return reason("the inputs are {}, not {}", name(node.inputs[0]->type.type), name(type));
  if (element_count(node.output()->shape()) == 0) return reason("the output is empty");
  return kApplies;
}

// ---- integers: both sides as int16 differences from their zero points, so any zero point is exact ----
struct VariantS8 {
  Conv2dS8Loop loop;
  int64_t lanes, depth;
};

struct BoundS8 {
  ops::MatmulSizes sizes;
  VariantS8 variant;
  CutMap cut;
  int64_t steps = 0;
  int32_t right_zero = 0, output_zero = 0;
  std::vector<Columns> columns;
  Tensor bias, multipliers;
};

// [step][column][depth], filled up with zeros.
void pack_s8(const BoundS8& bound, const Columns& block, const int8_t* right, int16_t* to) {
  const int64_t depth = bound.variant.depth;
  const int64_t width = block.vectors * bound.variant.lanes;
  std::fill_n(to, bound.steps * width * depth, int16_t{0});
  for (int64_t k = 0; k < bound.sizes.depth; ++k) {
    const int8_t* row = right + k * bound.sizes.columns + block.first;
    int16_t* out = to + k / depth * width * depth + k % depth;
    for (int64_t c = 0; c < block.count; ++c) out[c * depth] = static_cast<int16_t>(row[c] - bound.right_zero);
  }
}

void run_s8(const BoundS8& bound, const Call& call) {
  const int64_t column_parts = static_cast<int64_t>(bound.columns.size());
  const int64_t blocks_begin = aligned(bound.cut.staged_size_bytes);
  const int64_t weights_begin = blocks_begin + aligned(column_parts * int64_t{sizeof(Conv2dS8Block)});
  char* scratch = static_cast<char*>(call.scratch);
  auto* blocks = reinterpret_cast<Conv2dS8Block*>(scratch + blocks_begin);
  auto* weights = reinterpret_cast<int16_t*>(scratch + weights_begin);
  const int64_t run_offset = 0;
  for (int64_t i = 0; i < column_parts; ++i) {
    const Columns& block = bound.columns[static_cast<size_t>(i)];
    new (blocks + i) Conv2dS8Block{.weights = weights + block.weights_begin,
                                   .bias = bound.bias.data<int32_t>(),
                                   .multipliers = bound.multipliers.data<float>(),
                                   .input_channel = 0,
                                   .output_channel = block.first,
                                   .count = block.count,
                                   .vectors = block.vectors};
  }
  const Conv2dS8Plan plan = {.areas = bound.cut.areas,
                             .output_channels = bound.sizes.columns,
                             .run_count = 1,
                             .run_offsets = &run_offset,
                             .steps_per_run = bound.steps,
                             .output_zero = bound.output_zero,
                             .min = -128,
                             .max = 127,
                             .blocks = blocks};
  for_each_batch(bound.sizes, bound.cut.area_count, column_parts, call, [&](int64_t batch, const Share& share) {
    const auto [left, right] = bound.sizes.batches[static_cast<size_t>(batch)];
    for (int64_t i = share.columns.begin; share.rows.begin < share.rows.end && i < share.columns.end; ++i) {
      const Columns& block = bound.columns[static_cast<size_t>(i)];
      pack_s8(bound, block, static_cast<const int8_t*>(call.inputs[1]) + right, weights + block.weights_begin);
    }
    bound.variant.loop(plan, static_cast<const int8_t*>(call.inputs[0]) + left,
                       static_cast<int8_t*>(call.outputs[0]) + batch * bound.sizes.rows * bound.sizes.columns, scratch,
                       share.rows.begin, share.rows.end, share.columns.begin, share.columns.end);
  });
}

template <const VariantS8& variant>
Prepared prepare_s8(const Node& node) {
  const auto bound = std::make_shared<BoundS8>();
  const Value& a = *node.inputs[0];
  const Value& b = *node.inputs[1];
  bound->sizes = ops::matmul_sizes(node);
  bound->variant = variant;
  bound->steps = (bound->sizes.depth + variant.depth - 1) / variant.depth;
  bound->right_zero = b.zero_point();
  bound->output_zero = node.output()->zero_point();
  const ops::Convolution rows{.batch = 1,
                              .height = 1,
                              .width = bound->sizes.rows,
                              .input_channels = bound->sizes.depth,
                              .output_height = 1,
                              .output_width = bound->sizes.rows,
                              .output_channels = bound->sizes.columns};
  bound->cut = cut_into_areas(rows, a.zero_point(), sizeof(int16_t));
  const int64_t packed_depth = bound->steps * variant.depth;
  bound->columns = cut_columns(bound->sizes, variant.lanes, packed_depth);
  // All columns have one multiplier and no bias.
  const int64_t widest = variant.lanes * kBlockVectors.few_pixels;
  bound->bias = Tensor(DataType::s32, {widest});
  bound->multipliers = Tensor(DataType::f32, {widest});
  const float multiplier = requantize_multiplier(a.scale(), b.scale(), node.output()->scale());
  std::fill_n(bound->multipliers.mutable_data<float>(), widest, multiplier);
  const int64_t packed = (bound->columns.back().first + bound->columns.back().vectors * variant.lanes) * packed_depth;
  return {.scratch_size_bytes = aligned(bound->cut.staged_size_bytes) +
                                aligned(static_cast<int64_t>(bound->columns.size() * sizeof(Conv2dS8Block))) +
                                packed * int64_t{sizeof(int16_t)},
          .run = [bound](const Call& call) { run_s8(*bound, call); }};
}

constexpr VariantS8 kPortableS8 = {conv2d_s8_loop_portable, 4, 1};
#if defined(__x86_64__)
constexpr VariantS8 kAvx2S8 = {conv2d_s8_loop_avx2, 8, 2};
#endif

// ---- floats ----
struct BoundF32 {
  ops::MatmulSizes sizes;
  Conv2dF32Loop loop = nullptr;
  int64_t lanes = 0;
  std::vector<Columns> columns;
  Tensor bias;
  int64_t segment_count = 1;
};

// [depth][column], filled up with zeros.
void pack_f32(const BoundF32& bound, const Columns& block, const float* right, float* to) {
  const int64_t width = block.vectors * bound.lanes;
  for (int64_t k = 0; k < bound.sizes.depth; ++k, to += width) {
    const float* row = right + k * bound.sizes.columns + block.first;
    std::copy_n(row, block.count, to);
    std::fill(to + block.count, to + width, 0.0f);
  }
}

void run_f32(const BoundF32& bound, const Call& call) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const int64_t column_parts = static_cast<int64_t>(bound.columns.size());
  char* scratch = static_cast<char*>(call.scratch);
  auto* blocks = reinterpret_cast<Conv2dF32Block*>(scratch);
  auto* weights = reinterpret_cast<float*>(scratch + aligned(column_parts * int64_t{sizeof(Conv2dF32Block)}));
  for (int64_t i = 0; i < column_parts; ++i) {
    const Columns& block = bound.columns[static_cast<size_t>(i)];
    new (blocks + i) Conv2dF32Block{.weights = weights + block.weights_begin,
                                    .bias = bound.bias.data<float>(),
                                    .input_channel = 0,
                                    .output_channel = block.first,
                                    .count = block.count,
                                    .vectors = block.vectors};
  }
  const Conv2dF32Plan plan = {.height = 1,
                              .width = bound.sizes.rows,
                              .input_channels = bound.sizes.depth,
                              .output_height = 1,
                              .output_width = bound.sizes.rows,
                              .output_channels = bound.sizes.columns,
                              .group_input_channels = bound.sizes.depth,
                              .min = -kInfinity,
                              .max = kInfinity,
                              .blocks = blocks,
                              .segments_per_row = bound.segment_count,
                              .segments_per_chunk = bound.segment_count};
  for_each_batch(bound.sizes, bound.segment_count, column_parts, call, [&](int64_t batch, const Share& share) {
    const auto [left, right] = bound.sizes.batches[static_cast<size_t>(batch)];
    for (int64_t i = share.columns.begin; share.rows.begin < share.rows.end && i < share.columns.end; ++i) {
      const Columns& block = bound.columns[static_cast<size_t>(i)];
      pack_f32(bound, block, static_cast<const float*>(call.inputs[1]) + right, weights + block.weights_begin);
    }
    bound.loop(plan, static_cast<const float*>(call.inputs[0]) + left,
               static_cast<float*>(call.outputs[0]) + batch * bound.sizes.rows * bound.sizes.columns, share.rows.begin,
               share.rows.end, share.columns.begin, share.columns.end);
  });
}

template <Conv2dF32Loop loop, int lanes>
Prepared prepare_f32(const Node& node) {
  const auto bound = std::make_shared<BoundF32>();
  bound->sizes = ops::matmul_sizes(node);
  bound->loop = loop;
  bound->lanes = lanes;
  bound->columns = cut_columns(bound->sizes, lanes, bound->sizes.depth);
  bound->bias = Tensor(DataType::f32, {lanes * kBlockVectors.few_pixels});
  // About eight tall tiles, as in conv2d_f32.
  bound->segment_count = std::max<int64_t>(1, bound->sizes.rows / 112);
  const int64_t packed = (bound->columns.back().first + bound->columns.back().vectors * lanes) * bound->sizes.depth;
  return {.scratch_size_bytes = aligned(static_cast<int64_t>(bound->columns.size() * sizeof(Conv2dF32Block))) +
                                packed * int64_t{sizeof(float)},
          .run = [bound](const Call& call) { run_f32(*bound, call); }};
}

}  // namespace

#define MATMUL(type, isa_name, ...)                                                 \
  const Kernel matmul_##type##_##isa_name = {.name = "matmul_" #type "_" #isa_name, \
                                             .op = "matmul",                        \
                                             .isa = Isa::isa_name,                  \
                                             .when = fits<DataType::type>,          \
                                             .prepare = __VA_ARGS__};
MATMUL(s8, portable, prepare_s8<kPortableS8>)
MATMUL(f32, portable, prepare_f32<conv2d_f32_loop_portable, 4>)
#if defined(__x86_64__)
MATMUL(s8, avx2, prepare_s8<kAvx2S8>)
MATMUL(f32, avx2, prepare_f32<conv2d_f32_loop_avx2, 8>)
MATMUL(f32, avx512vnni, prepare_f32<conv2d_f32_loop_avx512vnni, 16>)
#elif defined(__aarch64__)
MATMUL(f32, neon, prepare_f32<conv2d_f32_loop_neon, 4>)
#endif
#undef MATMUL

}  // namespace espalier::kernels
