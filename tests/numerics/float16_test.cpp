// Half floats: all 65536 patterns there and back, and conversion from float32 against exact rationals.
#include "numerics/float16.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "numerics/rational.h"
#include "numerics/seed.h"

namespace espalier {
namespace {

// The value of a half float from its definition. Requires: it is finite.
double value_of(uint32_t bits) {
  const int exponent = static_cast<int>(bits >> 10 & 31);
  const double fraction = bits & 1023;
  const double magnitude = exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
  return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

float reference(float value) {
  const double rounded = round_to_precision(exact(value), 11, -24);
  if (std::fabs(rounded) >= 65536.0) return std::copysign(INFINITY, value);
  return static_cast<float>(rounded);
}

void expect_reference(float value) {
  const float got = f32_from_f16(f16_from_f32(value));
  ASSERT_EQ(std::bit_cast<uint32_t>(got), std::bit_cast<uint32_t>(reference(value))) << value;
}

TEST(float16, every_pattern_has_its_value_and_comes_back) {
  for (uint32_t bits = 0; bits < 65536; ++bits) {
    const uint16_t half = static_cast<uint16_t>(bits);
    const float value = f32_from_f16(half);
    const bool special = (bits & 0x7c00) == 0x7c00;
    if (special && (bits & 0x3ff) != 0) {
      ASSERT_TRUE(std::isnan(value));
      ASSERT_EQ(f16_from_f32(value), half | 0x200);
      continue;
    }
    if (special)
      ASSERT_EQ(value, (bits & 0x8000) != 0 ? -INFINITY : INFINITY);
    else
      ASSERT_EQ(value, value_of(bits));
    ASSERT_EQ(std::signbit(value), (bits & 0x8000) != 0);
    ASSERT_EQ(f16_from_f32(value), half);
  }
}

TEST(float16, midpoints_and_their_neighbours_equal_exact_arithmetic) {
  for (uint32_t bits = 0; bits < 0x7c00; ++bits) {
    const double next = bits == 0x7bff ? 65536.0 : value_of(bits + 1);
    const float middle = static_cast<float>((value_of(bits) + next) / 2);
    for (const float value : {std::nextafter(middle, 0.0f), middle, std::nextafter(middle, INFINITY)}) {
      expect_reference(value);
      expect_reference(-value);
    }
  }
}

TEST(float16, floats_of_all_magnitudes_equal_exact_arithmetic) {
  std::mt19937_64 random = seeded_random();
  for (uint32_t exponent = 0; exponent < 255; ++exponent)
    for (int i = 0; i < 1000; ++i) {
      const uint32_t fraction = static_cast<uint32_t>(random()) & 0x7fffff;
      const uint32_t sign = static_cast<uint32_t>(i % 2) << 31;
      expect_reference(std::bit_cast<float>(sign | exponent << 23 | fraction));
    }
}

TEST(float16, special_values) {
  EXPECT_EQ(f16_from_f32(65519.996f), 0x7bff);
  EXPECT_EQ(f16_from_f32(65520.0f), 0x7c00);
  EXPECT_EQ(f16_from_f32(-INFINITY), 0xfc00);
  EXPECT_EQ(f16_from_f32(0x1p-25f), 0x0000);
  EXPECT_EQ(f16_from_f32(0x1.000002p-25f), 0x0001);
  EXPECT_EQ(f16_from_f32(-0.0f), 0x8000);
  // The payload of a NaN lies in the bits that a half float drops; it stays a NaN.
  EXPECT_EQ(f16_from_f32(std::bit_cast<float>(0x7f800001u)), 0x7e00);
}

}  // namespace
}  // namespace espalier
