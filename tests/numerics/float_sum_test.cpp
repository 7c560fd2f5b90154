// Float sums: the stated order against another way of writing it, the error, the fused step.
#include "numerics/float_sum.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <vector>

#include "numerics/seed.h"

namespace espalier {
namespace {

// The tree from its leaves: a subtree of `width` lanes at `lane` adds lanes width/2 apart, recursively.
float lane_sum(const std::vector<float>& values, size_t lane) {
  float sum = 0;
  for (size_t i = lane; i < values.size(); i += 16) sum = sum + values[i];
  return sum;
}
float tree(const std::vector<float>& values, size_t lane, size_t stride) {
  if (stride == 16) return lane_sum(values, lane);
  return tree(values, lane, stride * 2) + tree(values, lane + stride, stride * 2);
}

TEST(float_sum, follows_the_stated_order) {
  std::mt19937_64 random = seeded_random();
  for (const size_t count : {0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 127, 1000, 4099}) {
    std::vector<float> values(count);
    double exact = 0;
    double magnitude = 0;
    for (float& value : values) {
      value = static_cast<float>(static_cast<double>(random()) * 0x1p-63 - 1);
      value = std::ldexp(value, static_cast<int>(random() % 20));
      exact += value;
      magnitude += std::fabs(value);
    }
    const float sum = sum_f32(values.data(), static_cast<int64_t>(count));
    ASSERT_EQ(std::bit_cast<uint32_t>(sum), std::bit_cast<uint32_t>(tree(values, 0, 1))) << count;
    EXPECT_LE(std::fabs(sum - exact), (static_cast<double>(count) / 16 + 5) * 0x1p-24 * magnitude);
  }
}

TEST(float_sum, a_sum_is_never_negative_zero) {
  const std::vector<float> zeros(20, -0.0f);
  EXPECT_FALSE(std::signbit(sum_f32(zeros.data(), 20)));
  EXPECT_FALSE(std::signbit(sum_f32(zeros.data(), 0)));
}

TEST(float_sum, terms_are_added_like_values) {
  const std::vector<float> values = {1.25f, -3.5f, 1e8f, 0.1f, -1e8f, 7.0f};
  std::vector<float> squares;
  for (const float value : values) squares.push_back(value * value);
  EXPECT_EQ(sum_of_terms(6, [&](int64_t i) { return values[static_cast<size_t>(i)] * values[static_cast<size_t>(i)]; }),
            sum_f32(squares.data(), 6));
}

TEST(float_sum, the_fused_step_rounds_once) {
  volatile float a = 0x1.001p0f;
  EXPECT_EQ(fused_multiply_add(a, a, -0x1.002p0f), 0x1p-24f);
  volatile double b = 0x1.00000004p0;
  EXPECT_EQ(fused_multiply_add(b, b, -0x1.00000008p0), 0x1p-60);
}

}  // namespace
}  // namespace espalier
