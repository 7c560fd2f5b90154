// Integer weights and biases: bounds of both, and sums that no input can overflow.
#include "quantize/quantize_weights.h"

#include <gtest/gtest.h>

#include <cmath>

#include "graphs.h"

namespace espalier::quantize {
namespace {

IntegerWeights of(const std::string& weights_and_bias, float input_scale = 0.05f) {
  const Graph graph = graph_of("%x = input f32[1,4]\n%y = linear %x " + weights_and_bias + "\noutput %y\n");
  return quantize_weights(*graph.nodes()[0], input_scale);
}

TEST(quantize_weights, weights_lie_within_127_of_zero) {
  const IntegerWeights integers = of("w=random(3)[50,4]");
  for (int64_t o = 0; o < 50; ++o) {
    int32_t largest = 0;
    for (int64_t i = 0; i < 4; ++i)
      largest = std::max(largest, std::abs(int32_t{integers.weights.data<int8_t>()[o * 4 + i]}));
    EXPECT_EQ(largest, 127);
  }
}

TEST(quantize_weights, real_weights_come_back_within_half_a_step) {
  const Tensor real = random_tensor(3, {DataType::f32, {50, 4}});
  const IntegerWeights integers = of("w=random(3)[50,4]");
  for (int64_t i = 0; i < real.count(); ++i) {
    const float scale = integers.scales[static_cast<size_t>(i / 4)];
    EXPECT_NEAR(static_cast<float>(integers.weights.data<int8_t>()[i]) * scale, real.data<float>()[i], 0.5001f * scale);
  }
}

TEST(quantize_weights, a_large_bias_beside_tiny_weights_stays_below_2_30) {
  for (const char* bias : {"1000", "-1000", "1e20", "-1e20", "3e38"}) {
    const IntegerWeights integers = of(std::string("w=splat(1e-12)[1,4] bias=values(") + bias + ")[1]");
    EXPECT_LE(std::abs(int64_t{integers.bias.data<int32_t>()[0]}), int64_t{1} << 30) << bias;
    EXPECT_GT(std::abs(int64_t{integers.bias.data<int32_t>()[0]}), int64_t{1} << 28) << bias;
  }
}

TEST(quantize_weights, zeros_have_a_scale_too) {
  const IntegerWeights integers = of("w=splat(0)[2,4] bias=values(0,3)[2]");
  for (const float scale : integers.scales) EXPECT_TRUE(scale > 0 && std::isfinite(scale));
  EXPECT_EQ(integers.bias.data<int32_t>()[0], 0);
}

}  // namespace
}  // namespace espalier::quantize
