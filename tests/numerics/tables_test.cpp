// Tables against the long double math library, at scales where no entry is close to a tie; special results.
#include "numerics/tables.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "numerics/elementary.h"
#include "numerics/quantize.h"

namespace espalier {
namespace {

// A result closer to a tie than this may round either way; nothing within it is compared.
constexpr long double kTieMargin = 1e-9L;

void expect_table(const UnaryTable& table, long double (*f)(long double), float in_scale, int32_t in_zero,
                  float out_scale, int32_t out_zero) {
  for (int32_t q = -128; q <= 127; ++q) {
    const long double quotient = f((q - in_zero) * static_cast<long double>(in_scale)) / out_scale;
    if (std::fabs(std::fabs(quotient - std::floor(quotient)) - 0.5L) < kTieMargin) continue;
    const long double clamped = std::clamp(std::round(quotient) + out_zero, -128.0L, 127.0L);
    ASSERT_EQ(table[static_cast<size_t>(q + 128)], static_cast<int>(clamped)) << q;
  }
}

TEST(tables, unary_tables_equal_long_double) {
  for (const float scale : {0.003f, 0.047f, 0.1f, 1.3f})
    for (const int32_t zero : {-128, -7, 0, 100}) {
      const auto sigmoid = [](long double x) { return 1 / (1 + std::exp(-x)); };
      const auto silu = [](long double x) { return x / (1 + std::exp(-x)); };
      const auto tanh = [](long double x) { return std::tanh(x); };
      const auto gelu = [](long double x) { return 0.5L * x * std::erfc(-x * std::sqrt(0.5L)); };
      expect_table(unary_table(sigmoid_f64, scale, zero, 1.0f / 256, -128), sigmoid, scale, zero, 1.0f / 256, -128);
      expect_table(unary_table([](double x) { return x * sigmoid_f64(x); }, scale, zero, 0.05f, -120), silu, scale,
                   zero, 0.05f, -120);
      expect_table(unary_table(tanh_f64, scale, zero, 1.0f / 128, 0), tanh, scale, zero, 1.0f / 128, 0);
      expect_table(unary_table(gelu_f64, scale, zero, 0.03f, -60), gelu, scale, zero, 0.03f, -60);
    }
}

TEST(tables, the_identity_with_equal_parameters_changes_nothing) {
  for (const float scale : {0.1f, 1.0f, 1.0f / 255})
    for (const int32_t zero : {-128, 0, 127}) {
      const UnaryTable table = unary_table([](double x) { return x; }, scale, zero, scale, zero);
      for (int32_t q = -128; q <= 127; ++q) ASSERT_EQ(table[static_cast<size_t>(q + 128)], q);
    }
}

TEST(tables, nan_is_the_zero_point_and_infinities_saturate) {
  const UnaryTable log = unary_table(log_f64, 1.0f, 0, 0.1f, 5);
  EXPECT_EQ(log[127], 5);     // log(-1)
  EXPECT_EQ(log[128], -128);  // log(0)
  EXPECT_EQ(log[129], 5);     // log(1) = 0
  const UnaryTable reciprocal = unary_table([](double x) { return 1 / x; }, 1.0f, 0, 1e-3f, 0);
  EXPECT_EQ(reciprocal[128], 127);
}

TEST(tables, softmax_entries_equal_long_double) {
  for (const float scale : {0.001f, 0.05f, 0.1234f, 1.0f, 30.0f}) {
    const std::array<uint32_t, 256> table = softmax_table(scale);
    EXPECT_EQ(table[0], uint32_t{1} << 30);
    for (int d = 0; d < 256; ++d) {
      const long double exact = 0x1p30L * std::exp(-d * static_cast<long double>(scale));
      EXPECT_LE(std::fabs(table[static_cast<size_t>(d)] - exact), 0.5L + 1e-5L);
      EXPECT_LE(table[static_cast<size_t>(d)], table[static_cast<size_t>(std::max(d - 1, 0))]);
    }
  }
}

}  // namespace
}  // namespace espalier
