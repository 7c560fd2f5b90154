// Requantization against exact rationals around every tie and at the ends of int32; fused activations.
#include "numerics/requantize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "numerics/rational.h"
#include "numerics/seed.h"

namespace espalier {
namespace {

constexpr int32_t kLeast = std::numeric_limits<int32_t>::min();
constexpr int32_t kMost = std::numeric_limits<int32_t>::max();

int8_t reference(int32_t acc, float multiplier, int32_t zero_point, int32_t min, int32_t max) {
  const float converted = round_to_float(exact(int64_t{acc}));
  const float scaled = round_to_float(product(exact(converted), exact(multiplier)));
  int64_t q = 0;
  if (std::fabs(scaled) > 1e6f)
    q = scaled > 0 ? 127 : -128;
  else
    q = std::clamp<int64_t>(round_to_integer(exact(scaled)) + zero_point, -128, 127);
  return static_cast<int8_t>(std::clamp<int64_t>(q, min, max));
}

std::vector<float> multipliers() {
  std::vector<float> list = {1.0f,      0.5f,  0.25f, 0x1p-8f, 0x1p-20f, 0.1f,   1.0f / 3, 0.0019607843f,
                             0.000123f, 1e-6f, 1e-9f, 1.5f,    2.0f,     100.0f, 1e-38f,   3e38f};
  std::mt19937_64 random = seeded_random();
  for (int i = 0; i < 40; ++i)
    list.push_back(std::bit_cast<float>(static_cast<uint32_t>(0x35000000 + random() % 0x0b000000)));
  return list;
}

TEST(requantize, equals_exact_arithmetic_around_every_tie) {
  for (const float multiplier : multipliers())
    for (int32_t k = -300; k <= 300; ++k) {
      const double tie = (k + 0.5) / double{multiplier};
      if (std::fabs(tie) > 2147483000.0) continue;
      const int32_t near = static_cast<int32_t>(std::llrint(tie));
      for (int32_t acc = near - 3; acc <= near + 3; ++acc)
        for (const int32_t zero_point : {-128, -3, 0, 127})
          ASSERT_EQ(requantize(acc, multiplier, zero_point), reference(acc, multiplier, zero_point, -128, 127))
              << acc << " * " << multiplier << " + " << zero_point;
    }
}

TEST(requantize, equals_exact_arithmetic_for_small_and_extreme_sums) {
  for (const float multiplier : multipliers()) {
    for (int32_t acc = -2000; acc <= 2000; ++acc)
      ASSERT_EQ(requantize(acc, multiplier, 9), reference(acc, multiplier, 9, -128, 127));
    // Around 2^24 int32 stops being exact in float32.
    for (const int32_t centre : {1 << 24, -(1 << 24), (1 << 25) + 2, kMost - 40, kLeast + 40})
      for (int32_t acc = centre - 40; acc < centre + 40; ++acc)
        ASSERT_EQ(requantize(acc, multiplier, 9), reference(acc, multiplier, 9, -128, 127));
    ASSERT_EQ(requantize(kMost, multiplier, 0), reference(kMost, multiplier, 0, -128, 127));
    ASSERT_EQ(requantize(kLeast, multiplier, 0), reference(kLeast, multiplier, 0, -128, 127));
  }
}

TEST(requantize, random_sums_and_ranges_equal_exact_arithmetic) {
  std::mt19937_64 random = seeded_random();
  for (int i = 0; i < 300000; ++i) {
    const int32_t acc = static_cast<int32_t>(static_cast<uint32_t>(random())) >> (random() % 24);
    const float multiplier = std::bit_cast<float>(static_cast<uint32_t>(0x30000000 + random() % 0x10000000));
    const int32_t zero_point = static_cast<int32_t>(random() % 256) - 128;
    int32_t min = static_cast<int32_t>(random() % 256) - 128;
    int32_t max = static_cast<int32_t>(random() % 256) - 128;
    if (min > max) std::swap(min, max);
    ASSERT_EQ(requantize(acc, multiplier, zero_point, min, max), reference(acc, multiplier, zero_point, min, max));
  }
}

TEST(requantize, rounds_half_to_even_before_the_zero_point_is_added) {
  EXPECT_EQ(requantize(1, 0.5f, 0), 0);
  EXPECT_EQ(requantize(3, 0.5f, 0), 2);
  EXPECT_EQ(requantize(1, 0.5f, 1), 1);  // rounding 0.5 + 1 would give 2
  EXPECT_EQ(requantize(-1, 0.5f, 3), 3);
}

TEST(requantize, an_infinite_product_saturates) {
  EXPECT_EQ(requantize(kMost, 3e38f, -128), 127);
  EXPECT_EQ(requantize(kLeast, 3e38f, 127), -128);
}

TEST(requantize, the_multiplier_is_rounded_at_each_step) {
  std::mt19937_64 random = seeded_random();
  for (int i = 0; i < 100000; ++i) {
    float scale[3];
    for (float& s : scale) s = std::bit_cast<float>(static_cast<uint32_t>(0x39000000 + random() % 0x08000000));
    const float first = round_to_float(product(exact(scale[0]), exact(scale[1])));
    ASSERT_EQ(requantize_multiplier(scale[0], scale[1], scale[2]),
              round_to_float(quotient(exact(first), exact(scale[2]))));
  }
}

TEST(requantize, activations_are_ranges_of_integers) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const int32_t zero_point : {-128, -100, 0, 127}) {
    const OutputRange relu = activation_range(0.0f, infinity, 0.05f, zero_point);
    EXPECT_EQ(relu.min, zero_point);
    EXPECT_EQ(relu.max, 127);
    const OutputRange relu6 = activation_range(0.0f, 6.0f, 0.05f, zero_point);
    EXPECT_EQ(relu6.max, std::min(127, zero_point + 120));
    EXPECT_EQ(requantize(-1000, 0.01f, zero_point, relu), zero_point);
    EXPECT_EQ(requantize(1000000, 0.01f, zero_point, relu6), relu6.max);
  }
}

}  // namespace
}  // namespace espalier
