// Ranges and affine maps: zero is exact, every finite range has a scale.
#include "quantize/choose_ranges.h"

#include <gtest/gtest.h>

#include <cmath>

#include "numerics/quantize.h"

namespace espalier::quantize {
namespace {

ValueStatistics statistics_of(std::vector<float> values) {
  ValueStatistics statistics;
  statistics.add(values.data(), static_cast<int64_t>(values.size()));
  return statistics;
}

TEST(choose_ranges, min_max_takes_all_and_holds_zero) {
  const QuantizeOptions all{.method = RangeMethod::min_max};
  EXPECT_EQ(choose_range(statistics_of({-1, 5}), all).min, -1);
  EXPECT_EQ(choose_range(statistics_of({-1, 5}), all).max, 5);
  EXPECT_EQ(choose_range(statistics_of({2, 5}), all).min, 0);
  EXPECT_EQ(choose_range(statistics_of({-7, -5}), all).max, 0);
}

TEST(choose_ranges, the_percentile_leaves_out_the_far_ends) {
  std::vector<float> values(10000);
  for (size_t i = 0; i < values.size(); ++i) values[i] = std::sin(static_cast<float>(i));
  values[5000] = 1e6f;
  const RealRange range = choose_range(statistics_of(values), {.percentile = 99.9});
  EXPECT_LT(range.max, 1.1f);
  EXPECT_GT(range.max, 0.9f);
}

TEST(choose_ranges, zero_is_exact_in_every_range) {
  for (const float low : {0.0f, -0.001f, -1.0f, -3.7f, -255.0f, -1e30f, -3e38f})
    for (const float high : {0.0f, 1e-20f, 0.7f, 6.0f, 255.0f, 1e30f, 3e38f}) {
      const Quantization quantization = quantization_of({low, high});
      const float scale = quantization.scales[0];
      EXPECT_TRUE(std::isfinite(scale) && scale > 0) << low << " " << high;
      EXPECT_EQ(dequantize(quantize_s8(0, scale, quantization.zero_point), scale, quantization.zero_point), 0.0f);
      if (high - low < 1e-10f || !std::isfinite(high - low)) continue;
      // Both ends lie within a step.
      EXPECT_NEAR(dequantize(quantize_s8(low, scale, quantization.zero_point), scale, quantization.zero_point), low,
                  scale);
      EXPECT_NEAR(dequantize(quantize_s8(high, scale, quantization.zero_point), scale, quantization.zero_point), high,
                  scale);
    }
}

TEST(choose_ranges, the_scale_is_the_range_over_255) {
  const Quantization quantization = quantization_of({-1, 4.1f});
  EXPECT_EQ(quantization.scales[0], (4.1f + 1.0f) / 255.0f);
  EXPECT_EQ(quantization.zero_point, -78);
}

}  // namespace
}  // namespace espalier::quantize
