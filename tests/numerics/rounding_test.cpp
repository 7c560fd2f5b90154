// Rounding half to even against std::nearbyint; saturation and clamps at their ends.
#include "numerics/rounding.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

namespace espalier {
namespace {

TEST(rounding, ties_go_to_the_even_neighbour) {
  EXPECT_EQ(round_half_even(0.5f), 0.0f);
  EXPECT_EQ(round_half_even(1.5f), 2.0f);
  EXPECT_EQ(round_half_even(2.5f), 2.0f);
  EXPECT_EQ(round_half_even(-0.5f), 0.0f);
  EXPECT_EQ(round_half_even(-1.5f), -2.0f);
  EXPECT_EQ(round_half_even(-2.5f), -2.0f);
  EXPECT_EQ(round_half_even(0x1.fffffep-2f), 0.0f);  // just below 0.5, where x + 0.5 would round up
  EXPECT_EQ(round_half_even(2.5), 2.0);
}

TEST(rounding, equals_nearbyint_bit_for_bit) {
  for (uint64_t bits = 0; bits < uint64_t{1} << 32; bits += 1009) {
    const float value = std::bit_cast<float>(static_cast<uint32_t>(bits));
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(round_half_even(value)));
      continue;
    }
    ASSERT_EQ(std::bit_cast<uint32_t>(round_half_even(value)), std::bit_cast<uint32_t>(std::nearbyint(value))) << value;
    const double wide = static_cast<double>(value) * 0x1.000001p0;
    ASSERT_EQ(std::bit_cast<uint64_t>(round_half_even(wide)), std::bit_cast<uint64_t>(std::nearbyint(wide))) << wide;
  }
}

TEST(rounding, every_half_up_to_2_to_the_24) {
  for (int32_t k = 0; k < (1 << 24); k += 7) {
    const float value = static_cast<float>(k) * 0.5f;
    const int32_t whole = k / 2;
    const int32_t expected = k % 2 == 0 ? whole : whole + whole % 2;
    ASSERT_EQ(round_half_even(value), static_cast<float>(expected));
    ASSERT_EQ(round_half_even(-value), -static_cast<float>(expected));
  }
}

TEST(rounding, huge_values_and_infinities_become_the_bound) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float huge : {65536.0f, 1e10f, 3e38f, infinity}) {
    EXPECT_EQ(round_to_int(huge), 65536);
    EXPECT_EQ(round_to_int(-huge), -65536);
    EXPECT_EQ(round_to_int(double{huge}), 65536);
  }
  EXPECT_EQ(round_to_int(65535.5f), 65536);
  EXPECT_EQ(round_to_int(std::nanf("")), 0);
  EXPECT_EQ(round_to_int(std::nan("")), 0);
}

TEST(rounding, saturation_keeps_the_ends) {
  const int32_t least = std::numeric_limits<int32_t>::min();
  const int32_t most = std::numeric_limits<int32_t>::max();
  for (int32_t value = -1000; value <= 1000; ++value) {
    EXPECT_EQ(saturate_s8(value), std::max(-128, std::min(127, value)));
    EXPECT_EQ(saturate_u8(value), std::max(0, std::min(255, value)));
  }
  EXPECT_EQ(saturate_s8(least), -128);
  EXPECT_EQ(saturate_s8(most), 127);
  EXPECT_EQ(saturate_u8(least), 0);
  EXPECT_EQ(saturate_u8(most), 255);
  EXPECT_TRUE(std::isnan(clamp(std::nanf(""), -1.0f, 1.0f)));
}

}  // namespace
}  // namespace espalier
