// Float convolutions and matrix products: packs weights for the loop of an instruction set and shares out the work.
#include "kernels/conv2d_f32.h"

#include <algorithm>
#include <vector>

#include "base/thread_pool.h"
#include "kernels/kernel.h"
#include "kernels/product.h"
#include "kernels/split.h"

namespace espalier::kernels {
namespace {

using ops::Convolution;

struct Variant {
  Conv2dF32Loop loop;
  int64_t lanes;
};

// Everything that a prepared kernel keeps.
struct Bound {
  Conv2dF32Plan plan;
  std::vector<Conv2dF32Block> blocks;
  Tensor weights;
  Tensor bias;
  int64_t segment_count = 0;
};

Reason fits(const Node& node) {
  if (node.inputs[0]->type.type != DataType::f32)
    return reason("the input is {}, not f32", name(node.inputs[0]->type.type));
  return product_has_constants(node);
}

void pack(const Node& node, const Convolution& conv, int64_t lanes, Bound& bound) {
  const int64_t channels = conv.group_input_channels();
  const int64_t group_outputs = conv.group_output_channels();
  const int64_t taps = conv.window.kernel_height * conv.window.kernel_width;
  const int64_t vectors_per_group = (group_outputs + lanes - 1) / lanes;
  bound.weights = Tensor(DataType::f32, {conv.groups * vectors_per_group * lanes * taps * channels});
  bound.bias = Tensor(DataType::f32, {conv.groups * vectors_per_group * lanes});
  float* weights = bound.weights.mutable_data<float>();
  float* bias = bound.bias.mutable_data<float>();
  const float* from = node.inputs[1]->constant.data<float>();
  const float* from_bias = node.input(2) == nullptr ? nullptr : node.input(2)->constant.data<float>();
  for (int64_t group = 0; group < conv.groups; ++group)
    for (int64_t first = 0; first < vectors_per_group;) {
      const int64_t vectors =
          block_vectors(vectors_per_group - first, conv.batch * conv.output_height * conv.output_width);
      const int64_t width = vectors * lanes;
      const int64_t output = group * group_outputs + first * lanes;
      const int64_t count = std::min(width, group_outputs - first * lanes);
      for (int64_t o = 0; o < count; ++o) {
        if (from_bias != nullptr) bias[o] = from_bias[output + o];
        for (int64_t k = 0; k < taps * channels; ++k) weights[k * width + o] = from[(output + o) * taps * channels + k];
      }
      bound.blocks.push_back({.weights = weights,
                              .bias = bias,
                              .input_channel = group * channels,
                              .output_channel = output,
                              .count = count,
                              .vectors = vectors});
      weights += width * taps * channels;
      bias += width;
      first += vectors;
    }
}

Prepared prepare_convolution(const Node& node, const Convolution& conv, Variant variant) {
  const auto bound = std::make_shared<Bound>();
  const ops::Window& window = conv.window;
  const ops::Clamp activation = ops::activation_of(node);
  pack(node, conv, variant.lanes, *bound);
  // Segments of about 112 pixels: eight tall tiles, and enough of them to share.
  constexpr int64_t kSegmentPixels = 112;
  constexpr int64_t kChunkBytes = 256 << 10;
  const int64_t segments_per_row = std::max<int64_t>(1, conv.output_width / kSegmentPixels);
  const int64_t segment_bytes = std::max<int64_t>(
      1, conv.width * window.stride_y * conv.input_channels * int64_t{sizeof(float)} / segments_per_row);
  bound->plan = {.height = conv.height,
                 .width = conv.width,
                 .input_channels = conv.input_channels,
                 .output_height = conv.output_height,
                 .output_width = conv.output_width,
                 .output_channels = conv.output_channels,
                 .group_input_channels = conv.group_input_channels(),
                 .kernel_height = window.kernel_height,
                 .kernel_width = window.kernel_width,
                 .stride_y = window.stride_y,
                 .stride_x = window.stride_x,
                 .dilation_y = window.dilation_y,
                 .dilation_x = window.dilation_x,
                 .pad_top = window.pad_top,
                 .pad_left = window.pad_left,
                 .min = activation.min,
                 .max = activation.max,
                 .blocks = bound->blocks.data(),
                 .segments_per_row = segments_per_row,
                 .segments_per_chunk = std::max<int64_t>(1, kChunkBytes / segment_bytes)};
  bound->segment_count = conv.batch * conv.output_height * segments_per_row;
  return {.scratch_size_bytes = 0, .run = [bound, variant](const Call& call) {
            const Share share = share_of(bound->segment_count, static_cast<int64_t>(bound->blocks.size()), call);
            variant.loop(bound->plan, static_cast<const float*>(call.inputs[0]), static_cast<float*>(call.outputs[0]),
                         share.rows.begin, share.rows.end, share.columns.begin, share.columns.end);
          }};
}

template <Conv2dF32Loop loop, int lanes>
Prepared prepare_conv2d(const Node& node) {
  return prepare_convolution(node, as_one_row(ops::convolution_of(node).value()), {loop, lanes});
}

template <Conv2dF32Loop loop, int lanes>
Prepared prepare_linear(const Node& node) {
  return prepare_convolution(node, convolution_of_linear(node), {loop, lanes});
}

}  // namespace

#define CONV2D_F32(isa_name, lanes)                                                                    \
  const Kernel conv2d_f32_##isa_name = {.name = "conv2d_f32_" #isa_name,                               \
                                        .op = "conv2d",                                                \
                                        .isa = Isa::isa_name,                                          \
                                        .when = fits,                                                  \
                                        .prepare = prepare_conv2d<conv2d_f32_loop_##isa_name, lanes>}; \
  const Kernel linear_f32_##isa_name = {.name = "linear_f32_" #isa_name,                               \
                                        .op = "linear",                                                \
                                        .isa = Isa::isa_name,                                          \
                                        .when = fits,                                                  \
                                        .prepare = prepare_linear<conv2d_f32_loop_##isa_name, lanes>};
CONV2D_F32(portable, 4)
#if defined(__x86_64__)
CONV2D_F32(avx2, 8)
CONV2D_F32(avx512vnni, 16)
#elif defined(__aarch64__)
CONV2D_F32(neon, 4)
#endif
#undef CONV2D_F32

}  // namespace espalier::kernels
