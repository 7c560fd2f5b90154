// Quantization: round trips of all 256 values, ties and random reals against exact rationals, special values.
#include "numerics/quantize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "numerics/rational.h"
#include "numerics/seed.h"

namespace espalier {
namespace {

constexpr float kScales[] = {1.0f,   0.5f,     0.1f,  1.0f / 255, 0.0078125f, 0.023529412f, 3.7f,
                             1e-30f, 1.1e-38f, 1e-6f, 2.0f / 3,   127.5f,     1e30f};
constexpr int32_t kZeroPoints[] = {-128, -127, -1, 0, 1, 5, 63, 127};

int8_t reference(float real, float scale, int32_t zero_point) {
  const float ratio = round_to_float(quotient(exact(real), exact(scale)));
  if (std::fabs(ratio) > 1e6f) return ratio > 0 ? 127 : -128;
  const int64_t q = round_to_integer(exact(ratio)) + zero_point;
  return static_cast<int8_t>(std::clamp<int64_t>(q, -128, 127));
}

TEST(quantize, every_integer_survives_a_round_trip) {
  for (const float scale : kScales)
    for (const int32_t zero_point : kZeroPoints)
      for (int32_t q = -128; q <= 127; ++q) {
        const float real = dequantize(static_cast<int8_t>(q), scale, zero_point);
        ASSERT_EQ(real, round_to_float(product(exact(int64_t{q - zero_point}), exact(scale))));
        ASSERT_EQ(quantize_s8(real, scale, zero_point), q) << scale << " " << zero_point;
      }
}

TEST(quantize, real_zero_is_the_zero_point) {
  for (const float scale : kScales)
    for (const int32_t zero_point : kZeroPoints) {
      EXPECT_EQ(quantize_s8(0.0f, scale, zero_point), zero_point);
      EXPECT_EQ(quantize_s8(-0.0f, scale, zero_point), zero_point);
      EXPECT_EQ(dequantize(static_cast<int8_t>(zero_point), scale, zero_point), 0.0f);
    }
}

TEST(quantize, ties_and_their_neighbours_equal_exact_arithmetic) {
  for (const float scale : kScales)
    for (const int32_t zero_point : kZeroPoints)
      for (int32_t k = -400; k <= 400; ++k) {
        const float tie = (static_cast<float>(k) + 0.5f) * scale;
        for (const float real : {std::nextafter(tie, -INFINITY), tie, std::nextafter(tie, INFINITY)})
          ASSERT_EQ(quantize_s8(real, scale, zero_point), reference(real, scale, zero_point)) << real << " " << scale;
      }
}

TEST(quantize, random_reals_equal_exact_arithmetic) {
  std::mt19937_64 random = seeded_random();
  for (int i = 0; i < 200000; ++i) {
    const float scale = std::bit_cast<float>(static_cast<uint32_t>(0x30000000 + random() % 0x20000000));
    const float real = scale * (static_cast<float>(random() % 4000000) * 1e-4f - 200.0f);
    const int32_t zero_point = static_cast<int32_t>(random() % 256) - 128;
    ASSERT_EQ(quantize_s8(real, scale, zero_point), reference(real, scale, zero_point)) << real << " " << scale;
  }
}

TEST(quantize, nan_is_the_zero_point_and_infinities_saturate) {
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(quantize_s8(std::nanf(""), 0.1f, 7), 7);
  EXPECT_EQ(quantize_s8(infinity, 0.1f, 7), 127);
  EXPECT_EQ(quantize_s8(-infinity, 0.1f, 7), -128);
  EXPECT_EQ(quantize_s8(3e38f, 1e-38f, -128), 127);
  EXPECT_EQ(quantize_s8(-3e38f, 1e-38f, 127), -128);
  EXPECT_EQ(quantize_u8(std::nanf(""), 0.1f, 7), 7);
}

TEST(quantize, unsigned_is_signed_shifted_by_128) {
  for (const float scale : kScales)
    for (const int32_t zero_point : kZeroPoints)
      for (int32_t k = -600; k <= 600; ++k) {
        const float real = static_cast<float>(k) * 0.5f * scale;
        const uint8_t u = quantize_u8(real, scale, zero_point + 128);
        ASSERT_EQ(u, quantize_s8(real, scale, zero_point) + 128);
        ASSERT_EQ(dequantize(u, scale, zero_point + 128), dequantize(static_cast<int8_t>(u - 128), scale, zero_point));
      }
}

}  // namespace
}  // namespace espalier
