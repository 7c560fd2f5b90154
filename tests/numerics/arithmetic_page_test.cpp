// The worked numbers of docs/arithmetic.md, recomputed: each is formatted here and must stand on the page.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>
#include <string>

#include "numerics/float16.h"
#include "numerics/quantize.h"
#include "numerics/reductions.h"
#include "numerics/requantize.h"
#include "numerics/tables.h"

namespace espalier {
namespace {

// The page with runs of white space as single blanks, so that a line break does not hide a sentence.
std::string page() {
  std::ifstream file(ESPALIER_SOURCE_DIR "/docs/arithmetic.md");
  std::string text;
  for (std::string word; file >> word;) text += word + ' ';
  return text;
}

template <class... Args>
void expect_on_page(fmt::format_string<Args...> format, Args&&... args) {
  static const std::string text = page();
  const std::string sentence = fmt::format(format, std::forward<Args>(args)...);
  EXPECT_NE(text.find(sentence), std::string::npos) << "docs/arithmetic.md does not say: " << sentence;
}

const float kInputScale = 6.0f / 255;
constexpr int32_t kInputZero = -90;

TEST(arithmetic_page, quantization) {
  expect_on_page("scale = 6/255 = {:.9g}", kInputScale);
  EXPECT_EQ(quantize_s8(-0.9f, kInputScale, kInputZero), -128);
  EXPECT_EQ(quantize_s8(5.1f, kInputScale, kInputZero), 127);
  for (const float real : {0.70f, -0.31f}) {
    const int8_t q = quantize_s8(real, kInputScale, kInputZero);
    expect_on_page("{:.2f} | {} | {:.7g}", real, int{q}, dequantize(q, kInputScale, kInputZero));
  }
  const float scale = 0.001f;
  const float real = 0.0015f;
  EXPECT_EQ(quantize_s8(real, scale, 0), 2);
  EXPECT_EQ(round_to_int(real * (1 / scale)), 1);
  expect_on_page("reciprocal is {:.9g} and rounds to 1", real * (1 / scale));
}

TEST(arithmetic_page, product_sum_and_requantization) {
  const float reals[] = {0.70f, 0.0f, -0.31f};
  const int32_t weights[] = {50, -127, 13};
  const float weight_scale = 0.004f;
  const float bias_scale = kInputScale * weight_scale;
  const int32_t bias = static_cast<int32_t>(round_half_even(0.25f / bias_scale));
  int32_t sum = 0, sum_xw = 0, sum_w = 0;
  double real_sum = 0.25;
  for (int i = 0; i < 3; ++i) {
    const int32_t x = quantize_s8(reals[i], kInputScale, kInputZero);
    sum += (x - kInputZero) * weights[i];
    sum_xw += x * weights[i];
    sum_w += weights[i];
    real_sum += static_cast<double>(reals[i]) * weights[i] * 0.004;
  }
  const int32_t acc = sum + bias;
  const int32_t start = bias - kInputZero * sum_w;
  EXPECT_EQ(sum_xw + start, acc);
  expect_on_page("sx * sw = {:.8g} bias = {}", bias_scale, bias);
  expect_on_page("sum (x - zx) w = {} acc = {} + {} = {}", sum, sum, bias, acc);
  expect_on_page("sum x w = {}, sum w = {} start = {} - ({})({}) = {}", sum_xw, sum_w, bias, kInputZero, sum_w, start);

  const float multiplier = requantize_multiplier(kInputScale, weight_scale, 0.01f);
  const int8_t q = requantize(acc, multiplier, -20);
  expect_on_page("m = {:.9g} {} * m = {:.9g} round -> {}", multiplier, acc, static_cast<float>(acc) * multiplier,
                 q + 20);
  expect_on_page("= {} real ({} + 20) * 0.01 = {:.2f}", int{q}, int{q}, dequantize(q, 0.01f, -20));
  expect_on_page("float network gives {:.5f}", real_sum);
}

TEST(arithmetic_page, bounds) {
  const int64_t worst = int64_t{127} * 255;
  expect_on_page("at 127 reaches {}, which is {:.0f} % of 2^31", 9 * 512 * worst,
                 9.0 * 512 * static_cast<double>(worst) / 0x1p31 * 100);
  expect_on_page("2 * 127 * 255 = {} > 32767", 2 * worst);
  expect_on_page("holds {} taps", (int64_t{1} << 30) / worst);
  expect_on_page("1e-6 / 127 = {:.1e}", 1e-6 / 127);
  expect_on_page("would become {:.1e}", 30 / (0.02 * (1e-6 / 127)));
  expect_on_page("the floor is {:.1e}", 30 / (0.02 * 0x1p30));
  expect_on_page("383 * 2^-22 = {:.1e}", 383 * 0x1p-22 + 5e-7);  // rounded up: it is a bound
}

TEST(arithmetic_page, mean_error_of_rounding) {
  for (const double m : {0.5, 0.25}) {
    double even = 0, up = 0;
    for (int acc = -256; acc < 256; ++acc) {
      even += round_half_even(acc * m) - acc * m;
      up += std::floor(acc * m + 0.5) - acc * m;
    }
    EXPECT_EQ(even, 0);
    EXPECT_EQ(up / 512, m / 2);
  }
  expect_on_page("adds 0.25 of a step on average over all values, with m = 1/4 it adds 0.125");
}

TEST(arithmetic_page, softmax) {
  const std::array<uint32_t, 256> table = softmax_table(0.1f);
  const int row[] = {10, 7, -20, 10};
  std::string entries, integers, reals;
  int64_t sum = 0;
  for (const int q : row) sum += table[static_cast<size_t>(10 - q)];
  for (const int q : row) {
    const uint32_t e = table[static_cast<size_t>(10 - q)];
    const int8_t out = softmax_element(e, softmax_denominator(sum, 1.0f / 256), -128);
    const char* comma = entries.empty() ? "" : ", ";
    entries += fmt::format("{}{}", comma, e);
    integers += fmt::format("{}{}", comma, int{out});
    reals += fmt::format("{}{:.3f}", comma, (out + 128) / 256.0);
  }
  expect_on_page("The table gives {}; the sum is {}.", entries, sum);
  expect_on_page("the outputs are {}, which is {}.", integers, reals);
}

TEST(arithmetic_page, variance) {
  const int64_t n = 3000, sum = 2999 * 120 + 121, squares = 2999 * 120 * 120 + 121 * 121;
  expect_on_page("S = {}, Q = {}, n Q - S^2 = {} and the variance is {:.9g}.", sum, squares, n * squares - sum * sum,
                 variance_of_integers(sum, squares, n));
  const float mean = static_cast<float>(sum) / static_cast<float>(n);
  const float square = mean * mean;
  expect_on_page("Q / n - (S / n)^2 gives {:.10g}: a negative variance.",
                 static_cast<float>(squares) / static_cast<float>(n) - square);
}

TEST(arithmetic_page, half_floats) {
  expect_on_page("0.1 becomes {:.9g}", f32_from_f16(f16_from_f32(0.1f)));
  expect_on_page("becomes {}, 2051 becomes {}", f32_from_f16(f16_from_f32(2049.0f)),
                 f32_from_f16(f16_from_f32(2051.0f)));
}

TEST(arithmetic_page, bias_of_a_file) {
  const double steps = 0.625 / double{0.5f * 0.5f};
  expect_on_page("b = 0.625 are {} steps, and the bias is {}", steps, round_half_even(steps));
}

}  // namespace
}  // namespace espalier
