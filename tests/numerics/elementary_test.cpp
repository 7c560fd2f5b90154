// Elementary functions: error against the long double math library, special values, and one hash of many
// results, which must be the same on every machine and for every compiler.
#include "numerics/elementary.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <vector>

#include "numerics/seed.h"

namespace espalier {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr uint64_t kFloatStride = 9973;  // a prime: 430 664 of the 2^32 floats

long double sigmoid_l(long double x) { return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x)); }
long double softplus_l(long double x) { return (x > 0 ? x : 0) + std::log1p(std::exp(-std::fabs(x))); }
long double gelu_l(long double x) { return x == -kInfinity ? -0.0L : 0.5L * x * std::erfc(-x * std::sqrt(0.5L)); }

struct Function {
  const char* name;
  double (*f64)(double);
  float (*f32)(float);
  long double (*exact)(long double);
  double bound_f64;  // units in the last place
  double bound_f32;
  double low;  // where f64 is sampled
  double high;
};
using Unary = long double (*)(long double);
const Function kFunctions[] = {
    {"exp", exp_f64, exp_f32, static_cast<Unary>(std::exp), 1.1, 0.5001, -745, 709},
    {"log", log_f64, log_f32, static_cast<Unary>(std::log), 1.0, 0.5001, 1e-300, 1e6},
    {"tanh", tanh_f64, tanh_f32, static_cast<Unary>(std::tanh), 3.0, 0.5001, -20, 20},
    {"erf", erf_f64, erf_f32, static_cast<Unary>(std::erf), 5.5, 0.5002, -6, 6},
    {"sin", sin_f64, sin_f32, static_cast<Unary>(std::sin), 1.0, 0.5001, -1e6, 1e6},
    {"cos", cos_f64, cos_f32, static_cast<Unary>(std::cos), 1.0, 0.5001, -1e6, 1e6},
    {"sigmoid", sigmoid_f64, sigmoid_f32, sigmoid_l, 3.0, 0.5001, -700, 700},
    {"softplus", softplus_f64, softplus_f32, softplus_l, 3.0, 0.5001, -700, 700},
    {"gelu", gelu_f64, gelu_f32, gelu_l, 4.0, 0.5001, -0.7, 30},
};

// |got - exact| in units of the last place of a format with `precision` bits and smallest step 2^smallest.
double error_in_ulp(double got, long double exact, int precision, int smallest, long double largest) {
  if (std::isnan(got) || std::isnan(exact)) return std::isnan(got) && std::isnan(exact) ? 0 : kInfinity;
  if (std::isinf(got))
    return got * static_cast<double>(std::copysign(1.0L, exact)) > 0 && std::fabs(exact) >= largest ? 0 : kInfinity;
  if (std::isinf(exact)) return kInfinity;
  int exponent = 0;
  std::frexp(exact, &exponent);
  const int unit = exact == 0 ? smallest : std::max(exponent - precision, smallest);
  return static_cast<double>(std::fabs(std::ldexp(static_cast<long double>(got) - exact, -unit)));
}
// Results that round to the next power of two beyond the range are infinities.
double error_f64(double got, long double exact) {
  return error_in_ulp(got, exact, 53, -1074, 0x1.fffffffffffff8p1023L);
}
double error_f32(float got, long double exact) { return error_in_ulp(got, exact, 24, -149, 0x1.ffffffp127L); }

struct Worst {
  double error = 0;
  double at = 0;
  void add(double candidate, double x) {
    if (candidate <= error) return;
    error = candidate;
    at = x;
  }
};

// Floats that a formula may treat specially, with 200 neighbours on each side.
std::vector<float> neighbourhoods() {
  std::vector<float> all;
  for (const float centre :
       {0.0f,        0x1p-149f,  0x1p-126f,  0x1p-25f, 0x1p-12f,     0.34657359f, 0.5f,       0.70710678f,
        0.78539816f, 1.0f,       1.4142135f, 1.5f,     1.5707964f,   2.0f,        3.1415927f, 3.832f,
        4.0f,        6.0f,       9.01f,      10.0f,    16.635532f,   20.0f,       87.33f,     88.722839f,
        103.2789f,   103.97208f, 0x1p20f,    0x1p23f,  3.4028235e38f})
    for (const float sign : {1.0f, -1.0f}) {
      float below = sign * centre;
      float above = below;
      for (int i = 0; i < 200; ++i) {
        all.push_back(below);
        all.push_back(above);
        below = std::nextafter(below, -INFINITY);
        above = std::nextafter(above, INFINITY);
      }
    }
  return all;
}

TEST(elementary, float32_functions_stay_within_their_bounds) {
  const std::vector<float> special = neighbourhoods();
  for (const Function& function : kFunctions) {
    Worst worst;
    const auto measure = [&](float x) { worst.add(error_f32(function.f32(x), function.exact(x)), x); };
    for (uint64_t bits = 0; bits < uint64_t{1} << 32; bits += kFloatStride)
      measure(std::bit_cast<float>(static_cast<uint32_t>(bits)));
    for (const float x : special) measure(x);
    std::printf("%s_f32: %.6f ulp at %a\n", function.name, worst.error, worst.at);
    EXPECT_LE(worst.error, function.bound_f32) << function.name << " at " << worst.at;
  }
}

TEST(elementary, float64_functions_stay_within_their_bounds) {
  std::mt19937_64 random = seeded_random();
  const std::vector<float> special = neighbourhoods();
  for (const Function& function : kFunctions) {
    Worst worst;
    const auto measure = [&](double x) {
      if (x >= function.low && x <= function.high) worst.add(error_f64(function.f64(x), function.exact(x)), x);
    };
    for (const float x : special) measure(x);
    for (int i = 0; i < 200000; ++i) {
      const double unit = static_cast<double>(random() >> 11) * 0x1p-53;
      const double x = function.low + unit * (function.high - function.low);
      measure(x);
      measure(std::ldexp(x, -static_cast<int>(random() % 30)));  // small arguments are as important as large ones
    }
    std::printf("%s_f64: %.4f ulp at %a\n", function.name, worst.error, worst.at);
    EXPECT_LE(worst.error, function.bound_f64) << function.name << " at " << worst.at;
  }
}

// On the left the result of gelu is a tiny part of x; a table needs its absolute error only.
TEST(elementary, gelu_float64_has_a_small_absolute_error) {
  double worst = 0;
  for (double x = -40; x <= 0; x += 0x1p-10)
    worst = std::max(worst, static_cast<double>(std::fabs(gelu_f64(x) - gelu_l(x))));
  std::printf("gelu_f64: %.3g absolute for x < 0\n", worst);
  EXPECT_LE(worst, 4e-16);
}

TEST(elementary, pow_stays_within_its_bounds) {
  std::mt19937_64 random = seeded_random();
  Worst worst_f64;
  Worst worst_f32;
  for (int i = 0; i < 200000; ++i) {
    const double unit = static_cast<double>(random() >> 11) * 0x1p-53;
    const double x = i % 2 == 0 ? 0.5 + unit : std::ldexp(0.5 + unit, static_cast<int>(random() % 2000) - 1000);
    // Any power up to the ends of the range, subnormal results included.
    const double y = (static_cast<double>(random() >> 11) * 0x1p-52 - 1) * 740 / std::log(x);
    worst_f64.add(error_f64(pow_f64(x, y), std::pow(static_cast<long double>(x), y)), x);
    const float xf = static_cast<float>(std::ldexp(0.5 + unit, static_cast<int>(random() % 20) - 10));
    const float yf = static_cast<float>((static_cast<double>(random() >> 11) * 0x1p-52 - 1) * 100 / std::log(xf));
    if (std::isfinite(yf)) worst_f32.add(error_f32(pow_f32(xf, yf), std::pow(static_cast<long double>(xf), yf)), xf);
  }
  std::printf("pow_f64: %.4f ulp, pow_f32: %.6f ulp\n", worst_f64.error, worst_f32.error);
  EXPECT_LE(worst_f64.error, 1.1);
  EXPECT_LE(worst_f32.error, 0.5001);
}

TEST(elementary, sin_and_cos_reduce_any_argument) {
  std::mt19937_64 random = seeded_random();
  Worst worst;
  for (int i = 0; i < 200000; ++i) {
    const double x = std::bit_cast<double>((random() & 0x800fffffffffffff) | (0x3f0 + random() % 0x40f) << 52);
    worst.add(error_f64(sin_f64(x), std::sin(static_cast<long double>(x))), x);
    worst.add(error_f64(cos_f64(x), std::cos(static_cast<long double>(x))), x);
  }
  // Close to multiples of pi/2, the last being the double that comes closest of all.
  for (const double x : {0x1.921fb54442d18p0, 0x1.921fb54442d18p1, 355.0, 5.319372648326541e255}) {
    worst.add(error_f64(sin_f64(x), std::sin(static_cast<long double>(x))), x);
    worst.add(error_f64(cos_f64(x), std::cos(static_cast<long double>(x))), x);
  }
  EXPECT_LE(worst.error, 1.0) << worst.at;
}

void expect_same(double got, double want, const char* what) {
  if (std::isnan(want))
    EXPECT_TRUE(std::isnan(got)) << what;
  else
    EXPECT_EQ(std::bit_cast<uint64_t>(got), std::bit_cast<uint64_t>(want)) << what << ": " << got << ", not " << want;
}

TEST(elementary, special_values) {
  struct Case {
    const char* name;
    double (*f64)(double);
    float (*f32)(float);
    double x;
    double y;
  };
  const Case cases[] = {
      {"exp(0)", exp_f64, exp_f32, 0, 1},
      {"exp(-0)", exp_f64, exp_f32, -0.0, 1},
      {"exp(inf)", exp_f64, exp_f32, kInfinity, kInfinity},
      {"exp(-inf)", exp_f64, exp_f32, -kInfinity, 0},
      {"exp(1000)", exp_f64, exp_f32, 1000, kInfinity},
      {"exp(-1000)", exp_f64, exp_f32, -1000, 0},
      {"exp(nan)", exp_f64, exp_f32, kNaN, kNaN},
      {"log(1)", log_f64, log_f32, 1, 0},
      {"log(0)", log_f64, log_f32, 0, -kInfinity},
      {"log(-0)", log_f64, log_f32, -0.0, -kInfinity},
      {"log(-1)", log_f64, log_f32, -1, kNaN},
      {"log(-inf)", log_f64, log_f32, -kInfinity, kNaN},
      {"log(inf)", log_f64, log_f32, kInfinity, kInfinity},
      {"log(nan)", log_f64, log_f32, kNaN, kNaN},
      {"tanh(0)", tanh_f64, tanh_f32, 0, 0},
      {"tanh(-0)", tanh_f64, tanh_f32, -0.0, -0.0},
      {"tanh(inf)", tanh_f64, tanh_f32, kInfinity, 1},
      {"tanh(-inf)", tanh_f64, tanh_f32, -kInfinity, -1},
      {"tanh(nan)", tanh_f64, tanh_f32, kNaN, kNaN},
      {"erf(0)", erf_f64, erf_f32, 0, 0},
      {"erf(-0)", erf_f64, erf_f32, -0.0, -0.0},
      {"erf(inf)", erf_f64, erf_f32, kInfinity, 1},
      {"erf(-inf)", erf_f64, erf_f32, -kInfinity, -1},
      {"erf(nan)", erf_f64, erf_f32, kNaN, kNaN},
      {"sin(0)", sin_f64, sin_f32, 0, 0},
      {"sin(-0)", sin_f64, sin_f32, -0.0, -0.0},
      {"sin(inf)", sin_f64, sin_f32, kInfinity, kNaN},
      {"sin(nan)", sin_f64, sin_f32, kNaN, kNaN},
      {"cos(0)", cos_f64, cos_f32, 0, 1},
      {"cos(-inf)", cos_f64, cos_f32, -kInfinity, kNaN},
      {"sigmoid(0)", sigmoid_f64, sigmoid_f32, 0, 0.5},
      {"sigmoid(inf)", sigmoid_f64, sigmoid_f32, kInfinity, 1},
      {"sigmoid(-inf)", sigmoid_f64, sigmoid_f32, -kInfinity, 0},
      {"sigmoid(nan)", sigmoid_f64, sigmoid_f32, kNaN, kNaN},
      {"softplus(inf)", softplus_f64, softplus_f32, kInfinity, kInfinity},
      {"softplus(-inf)", softplus_f64, softplus_f32, -kInfinity, 0},
      {"softplus(nan)", softplus_f64, softplus_f32, kNaN, kNaN},
      {"gelu(0)", gelu_f64, gelu_f32, 0, 0},
      {"gelu(inf)", gelu_f64, gelu_f32, kInfinity, kInfinity},
      {"gelu(-inf)", gelu_f64, gelu_f32, -kInfinity, -0.0},
      {"gelu(nan)", gelu_f64, gelu_f32, kNaN, kNaN},
  };
  for (const Case& c : cases) {
    expect_same(c.f64(c.x), c.y, c.name);
    expect_same(c.f32(static_cast<float>(c.x)), c.y, c.name);
  }
}

// Annex F of the C standard lists these; the library's own pow is the judge.
TEST(elementary, pow_has_the_special_values_of_the_standard) {
  const double values[] = {
      0.0,  -0.0, 1.0,  -1.0, 0.5,       -0.5,       2.0,  -2.0,   3.0,    -3.0,  2.5,
      -2.5, 1e10, 1e18, 1e20, kInfinity, -kInfinity, kNaN, 1e-310, -1e300, 1e300, 9007199254740991.0};
  for (const double x : values)
    for (const double y : values) {
      const double want = std::pow(x, y);
      const std::string what = "pow(" + std::to_string(x) + ", " + std::to_string(y) + ")";
      if (std::isnan(want) || std::isinf(want) || want == 0 || std::fabs(want) == 1)
        expect_same(pow_f64(x, y), want, what.c_str());
      else
        EXPECT_NEAR(pow_f64(x, y) / want, 1, 1e-15) << what;
    }
}

TEST(elementary, subnormal_results_are_rounded_like_others) {
  for (double x = -708; x > -746; x -= 0.37)
    EXPECT_LE(error_f64(exp_f64(x), std::exp(static_cast<long double>(x))), 1.0) << x;
  for (float x = -87; x > -105; x -= 0.037f)
    EXPECT_LE(error_f32(exp_f32(x), std::exp(static_cast<long double>(x))), 0.5001) << x;
  for (const double x : {0x1p-1074, 0x1.8p-1060, -0x1p-1022}) {
    EXPECT_EQ(sin_f64(x), x);
    EXPECT_EQ(tanh_f64(x), x);
    EXPECT_LE(error_f64(erf_f64(x), std::erf(static_cast<long double>(x))), 1.0) << x;
    EXPECT_LE(error_f64(log_f64(std::fabs(x)), std::log(static_cast<long double>(std::fabs(x)))), 1.0) << x;
  }
}

// FNV-1a over the bits of results; every NaN counts as one value.
struct Hash {
  uint64_t state = 0xcbf29ce484222325;
  void add(double value) {
    const uint64_t bits = std::isnan(value) ? 1 : std::bit_cast<uint64_t>(value);
    for (int i = 0; i < 64; i += 8) state = (state ^ (bits >> i & 0xff)) * 0x100000001b3;
  }
};

TEST(elementary, every_machine_gives_these_bits) {
  Hash f32;
  Hash f64;
  for (uint64_t bits = 0; bits < uint64_t{1} << 32; bits += 99991) {
    const float x = std::bit_cast<float>(static_cast<uint32_t>(bits));
    const double wide = x + x * 0x1.3p-30;
    for (const Function& function : kFunctions) {
      f32.add(function.f32(x));
      f64.add(function.f64(wide));
    }
    f32.add(pow_f32(std::fabs(x), 0.37f));
    f64.add(pow_f64(std::fabs(wide), -1.7));
  }
  EXPECT_EQ(f32.state, 17512024927630856804u);
  EXPECT_EQ(f64.state, 7297208510949869272u);
}

}  // namespace
}  // namespace espalier
