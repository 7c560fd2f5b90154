// Reductions: every step against exact rationals, whole rows against real arithmetic, order and extremes.
#include "numerics/reductions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "numerics/quantize.h"
#include "numerics/rational.h"
#include "numerics/seed.h"
#include "numerics/tables.h"

namespace espalier {
namespace {

std::vector<int8_t> random_row(std::mt19937_64& random, size_t count) {
  std::vector<int8_t> row(count);
  for (int8_t& q : row) q = static_cast<int8_t>(random());
  return row;
}

int64_t saturated(int64_t q) { return std::clamp<int64_t>(q, -128, 127); }

TEST(softmax, each_element_equals_exact_arithmetic) {
  std::mt19937_64 random = seeded_random();
  for (const float scale : {0.01f, 0.1f, 0.7f}) {
    const std::array<uint32_t, 256> table = softmax_table(scale);
    for (const size_t count : {1, 2, 7, 100, 1000}) {
      const std::vector<int8_t> row = random_row(random, count);
      const int max = *std::max_element(row.begin(), row.end());
      int64_t sum = 0;
      for (const int8_t q : row) sum += table[static_cast<size_t>(max - q)];
      const float output_scale = 1.0f / 255;
      const float denominator = softmax_denominator(sum, output_scale);
      ASSERT_EQ(denominator, round_to_float(product(exact(round_to_float(exact(sum))), exact(output_scale))));
      for (const int8_t q : row) {
        const uint32_t e = table[static_cast<size_t>(max - q)];
        const float ratio = round_to_float(quotient(exact(round_to_float(exact(int64_t{e}))), exact(denominator)));
        const int64_t expected = saturated(round_to_integer(exact(ratio)) - 128);
        ASSERT_EQ(softmax_element(e, denominator, -128), expected);
        // Against real arithmetic: half a step of rounding and hardly more.
        const double real = std::exp(-(max - q) * double{scale}) / (static_cast<double>(sum) * 0x1p-30);
        if (expected == 127) continue;
        ASSERT_LE(std::fabs(static_cast<double>(expected + 128) * double{output_scale} - real), 0.5001 * output_scale);
      }
    }
  }
}

TEST(softmax, equal_inputs_share_equally) {
  const std::array<uint32_t, 256> table = softmax_table(0.1f);
  EXPECT_EQ(softmax_element(table[0], softmax_denominator(4 * int64_t{table[0]}, 1.0f / 256), -128), -64);
  EXPECT_EQ(softmax_element(table[0], softmax_denominator(table[0], 1.0f / 256), -128), 127);  // 1 saturates
}

TEST(layer_norm, variance_of_integers_is_exact_before_it_is_rounded) {
  std::mt19937_64 random = seeded_random();
  for (const size_t count : {1, 2, 3, 7, 64, 127, 768, 5000}) {
    const std::vector<int8_t> row = random_row(random, count);
    int64_t sum = 0;
    int64_t squares = 0;
    for (const int8_t q : row) {
      sum += q;
      squares += q * q;
    }
    const int64_t n = static_cast<int64_t>(count);
    const float top = round_to_float(exact(n * squares - sum * sum));
    const float bottom = round_to_float(exact(n * n));
    ASSERT_EQ(variance_of_integers(sum, squares, n), round_to_float(quotient(exact(top), exact(bottom))));
  }
}

TEST(layer_norm, a_constant_row_has_no_variance) {
  for (const int64_t n : {1, 3, 1000, (1 << 24) - 1})
    for (const int64_t q : {-128, -1, 0, 127}) {
      EXPECT_EQ(variance_of_integers(n * q, n * q * q, n), 0.0f);
      const RowMoments row = moments_of_integers(n * q, n * q * q, n, 1e-5f);
      EXPECT_EQ(layer_norm_element(static_cast<int32_t>(q), row, 3.0f, 10.0f, 1), 11);
    }
}

TEST(layer_norm, a_constant_row_without_epsilon_is_the_zero_point) {
  EXPECT_EQ(layer_norm_element(5, moments_of_integers(15, 75, 3, 0.0f), 3.0f, 10.0f, 1), 1);
}

TEST(layer_norm, extreme_rows_do_not_overflow) {
  const int64_t n = (1 << 24) - 1;
  const int64_t half = n / 2;
  const int64_t sum = half * 127 - (n - half) * 128;
  const float variance = variance_of_integers(sum, half * 127 * 127 + (n - half) * 128 * 128, n);
  EXPECT_NEAR(variance, 127.5 * 127.5, 0.01);
}

TEST(layer_norm, rows_are_near_real_arithmetic) {
  std::mt19937_64 random = seeded_random();
  const float scale = 0.043f, output_scale = 0.025f, gamma = 0.8f, beta = 0.1f, epsilon = 1e-5f;
  for (const size_t count : {4, 17, 96, 768}) {
    const std::vector<int8_t> row = random_row(random, count);
    int64_t sum = 0;
    int64_t squares = 0;
    for (const int8_t q : row) {
      sum += q;
      squares += q * q;
    }
    const double n = static_cast<double>(count);
    const double mean = static_cast<double>(sum) / n;
    const double variance = static_cast<double>(squares) / n - mean * mean;
    const RowMoments moments =
        moments_of_integers(sum, squares, static_cast<int64_t>(count), epsilon_in_integers(epsilon, scale));
    for (const int8_t q : row) {
      const double real = (q - mean) * scale / std::sqrt(variance * scale * scale + epsilon) * gamma + beta;
      const int64_t got = layer_norm_element(q, moments, gamma / output_scale, beta / output_scale, 3);
      if (got == -128 || got == 127) continue;
      ASSERT_LE(std::fabs(static_cast<double>(got - 3) - real / output_scale), 0.501);
    }
  }
}

TEST(layer_norm, floats_take_the_same_path) {
  std::vector<float> values;
  for (int i = 0; i < 100; ++i) values.push_back(static_cast<float>(i * i % 37) * 0.25f);
  double mean = 0;
  for (const float v : values) mean += v / 100;
  double variance = 0;
  for (const float v : values) variance += (v - mean) * (v - mean) / 100;
  const RowMoments row = moments_of_floats(values.data(), 100, 1e-5f);
  EXPECT_NEAR(row.mean, mean, 1e-5);
  EXPECT_NEAR(row.inverse_deviation, 1 / std::sqrt(variance + 1e-5), 1e-6);
}

TEST(average, equals_exact_arithmetic) {
  std::mt19937_64 random = seeded_random();
  for (int i = 0; i < 100000; ++i) {
    const int64_t count = 1 + static_cast<int64_t>(random() % 3000);
    const int64_t sum = static_cast<int64_t>(random() % static_cast<uint64_t>(count * 255 + 1)) - 128 * count;
    const int32_t in_zero = static_cast<int32_t>(random() % 256) - 128;
    const int32_t out_zero = static_cast<int32_t>(random() % 256) - 128;
    const float multiplier = i % 3 == 0 ? 1.0f : static_cast<float>(random() % 1000 + 1) * 0.003f;
    const float numerator = round_to_float(exact(sum - count * in_zero));
    const float average = round_to_float(quotient(exact(numerator), exact(round_to_float(exact(count)))));
    const float scaled = round_to_float(product(exact(average), exact(multiplier)));
    ASSERT_EQ(average_element(sum, count, in_zero, multiplier, out_zero),
              saturated(round_to_integer(exact(scaled)) + out_zero));
  }
}

TEST(average, ties_round_to_even_and_a_clamp_narrows) {
  EXPECT_EQ(average_element(1, 2, 0, 1.0f, 0), 0);
  EXPECT_EQ(average_element(3, 2, 0, 1.0f, 0), 2);
  EXPECT_EQ(average_element(-3, 2, 0, 1.0f, 0), -2);
  EXPECT_EQ(average_element(-500, 5, 0, 1.0f, 7, 7, 127), 7);
}

}  // namespace
}  // namespace espalier
