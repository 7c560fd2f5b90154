// Float depthwise convolutions: packs weights for the loop of an instruction set and shares out the work.
#include "kernels/depthwise_f32.h"

#include "kernels/kernel.h"
#include "kernels/product.h"
#include "kernels/split.h"

namespace espalier::kernels {
namespace {

// Everything that a prepared kernel keeps.
struct Bound {
  DepthwiseF32Plan plan;
  Tensor weights;
  Tensor bias;
};

Reason fits(const Node& node) {
  if (node.inputs[0]->type.type != DataType::f32)
    return reason("the input is {}, not f32", name(node.inputs[0]->type.type));
  const ops::Convolution conv = ops::convolution_of(node).value();
  if (!conv.is_depthwise())
    return reason("{} groups of {} input and {} output channels are not depthwise", conv.groups,
                  conv.group_input_channels(), conv.group_output_channels());
  return product_has_constants(node);
}

template <DepthwiseF32Loop loop, int lanes>
Prepared prepare(const Node& node) {
  const ops::Convolution conv = ops::convolution_of(node).value();
  const ops::Window& window = conv.window;
  const ops::Clamp activation = ops::activation_of(node);
  const int64_t channels = conv.input_channels;
  const int64_t taps = window.kernel_height * window.kernel_width;
  const int64_t block_count = (channels + lanes - 1) / lanes;
  const auto bound = std::make_shared<Bound>();
  bound->weights = Tensor(DataType::f32, {block_count * taps * lanes});
  bound->bias = Tensor(DataType::f32, {block_count * lanes});
  const auto* from = node.inputs[1]->constant.data<float>();
  for (int64_t c = 0; c < channels; ++c) {
    if (node.input(2) != nullptr) bound->bias.mutable_data<float>()[c] = node.input(2)->constant.data<float>()[c];
    for (int64_t tap = 0; tap < taps; ++tap)
      bound->weights.mutable_data<float>()[(c / lanes * taps + tap) * lanes + c % lanes] = from[c * taps + tap];
  }
  bound->plan = {.height = conv.height,
                 .width = conv.width,
                 .channels = channels,
                 .output_height = conv.output_height,
                 .output_width = conv.output_width,
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
                 .weights = bound->weights.data<float>(),
                 .bias = bound->bias.data<float>()};
  const int64_t row_count = conv.batch * conv.output_height;
  return {.scratch_size_bytes = 0, .run = [bound, row_count, block_count](const Call& call) {
            const Share share = share_of(row_count, block_count, call);
            loop(bound->plan, static_cast<const float*>(call.inputs[0]), static_cast<float*>(call.outputs[0]),
                 share.rows.begin, share.rows.end, share.columns.begin, share.columns.end);
          }};
}

}  // namespace

#define DEPTHWISE_F32(isa_name, lanes)                                         \
  const Kernel depthwise_f32_##isa_name = {.name = "depthwise_f32_" #isa_name, \
                                           .op = "conv2d",                     \
                                           .isa = Isa::isa_name,               \
                                           .when = fits,                       \
                                           .prepare = prepare<depthwise_f32_loop_##isa_name, lanes>};
DEPTHWISE_F32(portable, 4)
#if defined(__x86_64__)
DEPTHWISE_F32(avx2, 8)
DEPTHWISE_F32(avx512vnni, 16)
#elif defined(__aarch64__)
DEPTHWISE_F32(neon, 4)
#endif
#undef DEPTHWISE_F32

}  // namespace espalier::kernels
