// The interval is the same everywhere, has the width that theory gives, and pairs what is compared.
#include "evaluate/interval.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace espalier {
namespace {

std::vector<double> mean_of(const std::vector<double>& values, std::span<const int32_t> weights) {
  double sum = 0;
  for (size_t i = 0; i < values.size(); ++i) sum += weights[i] * values[i];
  return {sum / static_cast<double>(values.size())};
}

TEST(interval, every_resample_draws_as_many_as_there_are) {
  int calls = 0;
  (void)bootstrap_intervals(31, {.resample_count = 50, .seed = 3}, [&](std::span<const int32_t> weights) {
    EXPECT_EQ(std::accumulate(weights.begin(), weights.end(), 0), 31);
    ++calls;
    return std::vector<double>{0};
  });
  EXPECT_EQ(calls, 50);
}

TEST(interval, width_of_a_mean_is_four_standard_errors) {
  // 400 values, half 0 and half 1: the standard error of the mean is 0.5 / 20.
  std::vector<double> values(400);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i % 2);
  const Interval interval = bootstrap_intervals(
      400, {.resample_count = 4000}, [&](std::span<const int32_t> weights) { return mean_of(values, weights); })[0];
  EXPECT_NEAR(interval.low, 0.5 - 1.96 * 0.025, 0.005);
  EXPECT_NEAR(interval.high, 0.5 + 1.96 * 0.025, 0.005);
}

TEST(interval, seed_decides_and_nothing_else) {
  const std::vector<double> values = {1, 5, 2, 8, 3};
  const auto run = [&](uint64_t seed) {
    return bootstrap_intervals(5, {.resample_count = 200, .seed = seed},
                               [&](std::span<const int32_t> w) { return mean_of(values, w); })[0];
  };
  EXPECT_EQ(run(1).low, run(1).low);
  EXPECT_NE(run(1).low, run(2).low);
  // Written down so that a change of the generator or of the drawing is noticed on every machine.
  EXPECT_DOUBLE_EQ(run(1).low, 1.6);
  EXPECT_DOUBLE_EQ(run(1).high, 6.2);
}

TEST(interval, views_of_one_picture_are_one_draw) {
  // Ten equal views of each of 40 pictures say no more than 40 pictures do.
  std::vector<double> values(400);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i / 10 % 2);
  const Interval interval =
      bootstrap_intervals(400, {.resample_count = 4000, .group_size = 10}, [&](std::span<const int32_t> weights) {
        EXPECT_EQ(std::accumulate(weights.begin(), weights.end(), 0), 400);
        for (size_t i = 0; i < weights.size(); ++i) EXPECT_EQ(weights[i], weights[i / 10 * 10]);
        return mean_of(values, weights);
      })[0];
  // The mean of 40 pictures moves in steps of 1 / 40; the bound is a little over half of one.
  EXPECT_NEAR(interval.low, 0.5 - 1.96 * 0.079, 0.015);
  EXPECT_NEAR(interval.high, 0.5 + 1.96 * 0.079, 0.015);
}

TEST(interval, one_sample_has_no_width) {
  const Interval interval =
      bootstrap_intervals(1, {}, [](std::span<const int32_t> w) { return std::vector<double>{7.0 * w[0]}; })[0];
  EXPECT_EQ(interval.low, 7);
  EXPECT_EQ(interval.high, 7);
}

}  // namespace
}  // namespace espalier
