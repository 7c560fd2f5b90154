// Histograms of calibration: exact ends, quantiles to a bucket's width, independence of order, NaN apart.
#include "graph/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace espalier {
namespace {

TEST(statistics, ends_are_exact) {
  ValueStatistics statistics;
  const float values[] = {0.1f, -7.3f, 2.5f};
  statistics.add(values, 3);
  EXPECT_EQ(statistics.count(), 3);
  EXPECT_EQ(statistics.min(), -7.3f);
  EXPECT_EQ(statistics.max(), 2.5f);
}

TEST(statistics, quantiles_are_within_a_128th) {
  ValueStatistics statistics;
  for (int i = -1000; i <= 1000; ++i) {
    const float value = static_cast<float>(i) * 0.01f;
    statistics.add(&value, 1);
  }
  for (const double share : {0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99}) {
    const double exact = -10 + 20 * share;
    EXPECT_NEAR(statistics.quantile(share), exact, std::abs(exact) / 128 + 0.02) << share;
  }
  EXPECT_EQ(statistics.quantile(0), -10.0f);
  EXPECT_EQ(statistics.quantile(1), 10.0f);
  EXPECT_NEAR(statistics.mean(), 0, 0.05);
  EXPECT_NEAR(statistics.deviation(), 10 / std::sqrt(3.0), 0.1);
}

TEST(statistics, order_does_not_matter) {
  ValueStatistics forward, backward;
  std::vector<float> values;
  for (int i = 0; i < 500; ++i)
    values.push_back(std::sin(static_cast<float>(i)) * std::exp(static_cast<float>(i % 40) - 20));
  forward.add(values.data(), 500);
  for (size_t i = values.size(); i-- > 0;) backward.add(&values[i], 1);
  EXPECT_EQ(forward.mean(), backward.mean());
  EXPECT_EQ(forward.deviation(), backward.deviation());
  for (const double share : {0.001, 0.3, 0.9999}) EXPECT_EQ(forward.quantile(share), backward.quantile(share));
}

TEST(statistics, nan_is_counted_apart) {
  ValueStatistics statistics;
  const float values[] = {std::numeric_limits<float>::quiet_NaN(), 1, 2};
  statistics.add(values, 3);
  EXPECT_EQ(statistics.count(), 2);
  EXPECT_EQ(statistics.nan_count(), 1);
  EXPECT_EQ(statistics.min(), 1);
  EXPECT_EQ(statistics.max(), 2);
}

TEST(statistics, nothing_and_infinity) {
  ValueStatistics statistics;
  EXPECT_EQ(statistics.count(), 0);
  EXPECT_EQ(statistics.mean(), 0);
  const float infinite = std::numeric_limits<float>::infinity();
  statistics.add(&infinite, 1);
  EXPECT_EQ(statistics.max(), infinite);
}

}  // namespace
}  // namespace espalier
