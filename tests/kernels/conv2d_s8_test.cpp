// Integer convolutions and products: every kernel equals the reference in every byte.
#include "kernels/window_cases.h"

namespace espalier {
namespace {

std::string random_activation(Differential& differential) {
  return differential.one_of<std::string>(
      {"", "activation=\"relu\"", "activation=\"clip\" clip_min=-0.5 clip_max=0.75"});
}

Quantization random_output(Differential& differential, double sum_size) {
  // A scale that uses the whole range now and then, saturates often, or brings everything to a few steps.
  const auto scale = static_cast<float>(sum_size * std::exp2(static_cast<double>(differential.between(-3, 3))) / 40.0);
  return {.scales = {scale}, .zero_point = static_cast<int32_t>(differential.zero_point()), .axis = -1};
}

// Weights of all one value, or random, per tensor or per output channel. Every other time none is -128, as in networks
// that we quantize; some kernels take no others.
std::string random_weights(Differential& differential, const std::string& shape, int64_t outputs, float scale) {
  const bool symmetric = differential.between(0, 1) == 0;
  differential.raise_weights_to(symmetric ? -127 : -128);
  const std::string data = differential.one_of<std::string>(
      {fmt::format("random({})", differential.between(0, 1000000)),
       fmt::format("random({})", differential.between(0, 1000000)), "splat(127)", "splat(-128)"});
  const int64_t zero = differential.between(0, 3) == 0 ? differential.zero_point() : 0;
  if (differential.between(0, 2) == 0)
    return fmt::format("w=s8:{}{}{{scale={},zero_point={}}}", data, shape, Differential::with_point(scale), zero);
  std::string scales;
  for (int64_t o = 0; o < outputs; ++o)
    scales +=
        (o == 0 ? "" : ",") + Differential::with_point(scale * static_cast<float>(differential.between(1, 9)) / 4);
  return fmt::format("w=s8:{}{}{{scale=[{}],axis=0,zero_point={}}}", data, shape, scales, zero);
}

TEST(conv2d_s8, equals_the_reference) {
  Differential differential("conv2d");
  for (int i = 0; i < 200; ++i) {
    const WindowCase window = random_window(differential);
    const int64_t taps = window.kernel[0] * window.kernel[1];
    int64_t channels = kAwkward[differential.between(0, taps > 9 ? 5 : 12)];
    int64_t outputs = kAwkward[differential.between(0, 12)];
    int64_t groups = 1;
    if (i % 5 == 4) {
      groups = differential.one_of<int64_t>({2, 3, 4});
      channels *= groups;
      outputs = differential.one_of<int64_t>({1, 3, 8, 17}) * groups;
    } else if (i % 5 == 3) {
      groups = outputs = channels;  // depthwise
    }
    const std::string shape =
        fmt::format("[{},{},{},{}]", outputs, window.kernel[0], window.kernel[1], channels / groups);
    const std::string bias = differential.between(0, 3) == 0 ? "" : fmt::format("bias=s32:random({})[{}]", i, outputs);
    const Fill fill = differential.between(0, 2) == 0 ? kFills[differential.between(0, 3)] : Fill::random;
    const double sum_size = 0.25 * 60.0 * 60.0 * std::sqrt(static_cast<double>(taps * channels / groups));
    differential.check(
        fmt::format(
            "%x = input s8[{},{},{},{}]{{scale=0.25,zero_point={}}}\n%y = conv2d %x {} {} groups={} {} {}\noutput %y",
            differential.between(1, 2), window.height, window.width, channels, differential.zero_point(),
            random_weights(differential, shape, outputs, 1.0f), bias, groups, window.attributes(),
            random_activation(differential)),
        random_output(differential, sum_size), fill);
    if (HasFatalFailure()) return;
  }
  differential.expect_all_ran("conv2d_s8");
  differential.expect_all_ran("depthwise_s8");
  const auto isas = kernels::available_isas();
  for (const auto& [isa, kernel] :
       {std::pair(kernels::Isa::avx512vnni, "conv2d_s8_avx512vnni"), std::pair(kernels::Isa::neon, "conv2d_s8_neon"),
        std::pair(kernels::Isa::neondot, "conv2d_s8_neondot")})
    EXPECT_TRUE(differential.was_refused(kernel) || std::find(isas.begin(), isas.end(), isa) == isas.end()) << kernel;
}

// Sums at the end of what the norm permits, and maps that are cut into several areas.
TEST(conv2d_s8, large_layers) {
  Differential differential("conv2d");
  for (const Fill fill : {Fill::highest, Fill::lowest, Fill::random})
    for (const char* weights : {"splat(127)", "splat(-128)", "random(5)"}) {
      differential.check(
          fmt::format("%x = input s8[1,3,3,2048]{{scale=1.0,zero_point=-128}}\n%y = conv2d %x w=s8:{}[4,3,3,2048]"
                      "{{scale=1.0,zero_point=0}} padding=[1,1,1,1]\noutput %y",
                      weights),
          Quantization{.scales = {3e6f}, .zero_point = -100, .axis = -1}, fill);
      differential.check(
          fmt::format("%x = input s8[2,41,37,100]{{scale=1.0,zero_point=-7}}\n%y = conv2d %x w=s8:{}[3,3,3,100]"
                      "{{scale=1.0,zero_point=0}} padding=[1,1,1,1]\noutput %y",
                      weights),
          Quantization{.scales = {3e3f}, .zero_point = 10, .axis = -1}, fill);
      differential.check(
          fmt::format("%x = input s8[1,40,60,64]{{scale=1.0,zero_point=-7}}\n%y = conv2d %x w=s8:{}[3,1,1,64]"
                      "{{scale=1.0,zero_point=0}}\noutput %y",
                      weights),
          Quantization{.scales = {1e3f}, .zero_point = 10, .axis = -1}, fill);
      differential.check(
          fmt::format("%x = input s8[1,3,900,64]{{scale=1.0,zero_point=-7}}\n%y = conv2d %x w=s8:{}[2,2,2,64]"
                      "{{scale=1.0,zero_point=0}} padding=[1,1,1,1] strides=[1,2]\noutput %y",
                      weights),
          Quantization{.scales = {1e3f}, .zero_point = 10, .axis = -1}, fill);
    }
}

// Products that end in .5 exactly: halves go to even, and the zero point comes after the rounding.
TEST(conv2d_s8, ties_go_to_even) {
  Differential differential("conv2d");
  for (const int zero : {-128, -1, 0, 1, 127})
    for (const char* scale : {"2.0", "0.5", "4.0"})
      differential.check(
          "%x = input s8[1,16,16,1]{scale=1.0,zero_point=0}\n%y = conv2d %x w=s8:values(1)[1,1,1,1]"
          "{scale=1.0,zero_point=0}\noutput %y",
          Quantization{.scales = {std::stof(scale)}, .zero_point = zero, .axis = -1});
}

TEST(linear_s8, equals_the_reference) {
  Differential differential("linear");
  for (const int64_t rows : {1, 2, 3, 4, 5, 13, 29, 64})
    for (const int64_t outputs : {1, 7, 8, 16, 17, 33, 64, 129, 300}) {
      const int64_t inputs = kAwkward[differential.between(0, 12)];
      const std::string bias = rows % 2 == 0 ? "" : fmt::format("bias=s32:random[{}]", outputs);
      differential.check(
          fmt::format("%x = input s8[{},{}]{{scale=0.25,zero_point={}}}\n%y = linear %x {} {} {}\noutput %y", rows,
                      inputs, differential.zero_point(),
                      random_weights(differential, fmt::format("[{},{}]", outputs, inputs), outputs, 1.0f), bias,
                      random_activation(differential)),
          random_output(differential, 900 * std::sqrt(static_cast<double>(inputs))));
      if (HasFatalFailure()) return;
    }
  differential.expect_all_ran("linear_s8");
}

}  // namespace
}  // namespace espalier
