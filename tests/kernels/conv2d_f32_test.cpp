// Float convolutions and products: every kernel equals the reference in every bit.
#include "kernels/window_cases.h"

namespace espalier {
namespace {

std::string random_activation(Differential& differential) {
  return differential.one_of<std::string>(
      {"", "activation=\"relu\"", "activation=\"clip\" clip_min=-0.5 clip_max=0.75"});
}

TEST(conv2d_f32, equals_the_reference) {
  Differential differential("conv2d");
  for (int i = 0; i < 160; ++i) {
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
    const std::string bias = differential.between(0, 3) == 0 ? "" : fmt::format("bias=random({})[{}]", i, outputs);
    differential.check(
        fmt::format(
            "%x = input f32[{},{},{},{}]\n%y = conv2d %x w=random({})[{},{},{},{}] {} groups={} {} {}\noutput %y",
            differential.between(1, 2), window.height, window.width, channels, i + 1000, outputs, window.kernel[0],
            window.kernel[1], channels / groups, bias, groups, window.attributes(), random_activation(differential)),
        {}, differential.between(0, 5) == 0 ? Fill::alternating : Fill::random);
    if (HasFatalFailure()) return;
  }
  differential.expect_all_ran("conv2d_f32");
  differential.expect_all_ran("depthwise_f32");
}

// A tap in the padding times a negative weight would be -0: the sum of nothing but padding must keep the sign of the
// bias.
TEST(conv2d_f32, padding_is_no_step) {
  Differential differential("conv2d");
  for (const char* bias : {"-0.0", "0.0"})
    for (const char* weight : {"-1.0", "1.0", "inf"})
      differential.check(
          fmt::format("%x = input f32[1,2,3,1]\n%y = conv2d %x w=splat({})[17,3,3,1] bias=splat({})[17] "
                      "padding=[3,3,3,3]\noutput %y",
                      weight, bias));
}

TEST(linear_f32, equals_the_reference) {
  Differential differential("linear");
  for (const int64_t rows : {1, 2, 3, 4, 5, 13, 29, 64})
    for (const int64_t outputs : {1, 7, 8, 16, 17, 33, 64, 129, 300}) {
      const int64_t inputs = kAwkward[differential.between(0, 12)];
      const std::string bias = rows % 2 == 0 ? "" : fmt::format("bias=random[{}]", outputs);
      differential.check(fmt::format("%x = input f32[{},{}]\n%y = linear %x w=random[{},{}] {} {}\noutput %y", rows,
                                     inputs, outputs, inputs, bias, random_activation(differential)));
      if (HasFatalFailure()) return;
    }
  differential.expect_all_ran("linear_f32");
}

}  // namespace
}  // namespace espalier
