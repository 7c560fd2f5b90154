// Ranges and affine maps: zero is exact, every finite range has a scale.
#include "quantize/choose_ranges.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

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

// The mean square error of rounding `values` to the integers of a range, element by element.
double measured_error(const std::vector<float>& values, const RealRange& range) {
  const Quantization map = quantization_of(range);
  double sum = 0;
  for (const float value : values) {
    const double back = dequantize(quantize_s8(value, map.scales[0], map.zero_point), map.scales[0], map.zero_point);
    sum += (value - back) * (value - back);
  }
  return sum / static_cast<double>(values.size());
}

TEST(choose_ranges, the_mean_square_range_has_the_smallest_measured_error) {
  // Laplace's distribution has tails that are worth cutting.
  std::mt19937 random(7);
  std::exponential_distribution<float> exponential;
  std::vector<float> values(200000);
  for (float& value : values) value = exponential(random) * (random() % 2 == 0 ? 1.0f : -1.0f);
  const ValueStatistics statistics = statistics_of(values);
  const RealRange chosen = choose_range(statistics, {.method = RangeMethod::mean_square});
  const double error = measured_error(values, chosen);
  for (const QuantizeOptions& other : {QuantizeOptions{.method = RangeMethod::min_max}, QuantizeOptions{},
                                       QuantizeOptions{.percentile = 99.9}, QuantizeOptions{.percentile = 99}})
    EXPECT_LT(error, measured_error(values, choose_range(statistics, other)));
  // No scaling of the ends finds less, beyond what buckets and the even distribution within a step leave open.
  for (const float low : {0.5f, 0.8f, 1.0f, 1.25f, 2.0f})
    for (const float high : {0.5f, 0.8f, 1.0f, 1.25f, 2.0f})
      EXPECT_LE(error, 1.02 * measured_error(values, {chosen.min * low, chosen.max * high})) << low << " " << high;
}

TEST(choose_ranges, the_mean_square_range_keeps_what_is_even) {
  std::vector<float> values(10001);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) / 10000.0f;
  const RealRange range = choose_range(statistics_of(values), {.method = RangeMethod::mean_square});
  EXPECT_EQ(range.min, 0);
  EXPECT_EQ(range.max, 1);
  const RealRange nothing = choose_range(statistics_of({0, 0}), {.method = RangeMethod::mean_square});
  EXPECT_EQ(nothing.min, 0);
  EXPECT_EQ(nothing.max, 0);
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
