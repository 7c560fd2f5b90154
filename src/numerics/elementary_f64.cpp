// exp, log and what follows from them in float64: tanh, sigmoid, softplus, erf, gelu. The coefficients are
// those of the Taylor series; the reduced arguments are small enough that a fitted polynomial would save only
// two or three terms.
#include <cmath>
#include <limits>

#include "numerics/elementary.h"
#include "numerics/elementary_parts.h"

namespace espalier {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Coefficients from the highest power down, for Horner's rule.
// (exp(r) - 1 - r) / r^2 = 1/2! + r/3! + ... + r^11/13!; the rest is below 2^-57 for |r| <= ln(2) / 2.
constexpr double kExpSeries[] = {1.0 / 6227020800, 1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800,
                                 1.0 / 362880,     1.0 / 40320,     1.0 / 5040,     1.0 / 720,
                                 1.0 / 120,        1.0 / 24,        1.0 / 6,        1.0 / 2};

// 2 atanh(s) / s - 2 = 2/3 z + 2/5 z^2 + ... + 2/21 z^10, z = s^2 <= 0.0295; the rest is below 2^-59.
constexpr double kLogSeries[] = {2.0 / 21, 2.0 / 19, 2.0 / 17, 2.0 / 15, 2.0 / 13,
                                 2.0 / 11, 2.0 / 9,  2.0 / 7,  2.0 / 5,  2.0 / 3};

// erf(x) = 2/sqrt(pi) * x * exp(-x^2) * (1 + 2x^2/3 * (1 + 2x^2/5 * (1 + 2x^2/7 * (...)))), Kummer's form:
// all terms are positive, nothing cancels. exp and the series must see the same rounded square: one falls as
// the other grows, so its rounding error nearly vanishes from the product. 30 terms leave less than 2^-70 at
// x = 1.5. Requires: 0 <= x <= 1.5.
double erf_small(double x) {
  const double square = x * x;
  double series = 1;
  for (int n = 30; n >= 1; --n) series = std::fma(series, 2 * square / (2 * n + 1), 1.0);
  const Exponential gauss = exponential({-square, 0});
  const double product = scale_by_power_of_two(1 + gauss.fraction, gauss.exponent) * series;
  return std::fma(x * kTwoOverSqrtPi.low, product, x * kTwoOverSqrtPi.high * product);
}

// erfc(x) = exp(-x^2) / sqrt(pi) / (x + 1/2 / (x + 2/2 / (x + 3/2 / (x + ...)))), Laplace's continued
// fraction. At x = 1.5 80 levels leave less than 2^-49 of erfc, which is 2^-54 of erf. The rounding error of
// the square would be multiplied by x^2 in exp, so it is carried along. Requires: 1.5 <= x <= 28.
double erfc_large(double x) {
  double tail = x;
  for (int n = 80; n >= 1; --n) tail = x + 0.5 * n / tail;
  const double square = x * x;
  const Exponential gauss = exponential({-square, -std::fma(x, x, -square)});
  // Divided before it is scaled, since exp(-x^2) may be subnormal.
  const double value = (1 + gauss.fraction) * (0.5 * kTwoOverSqrtPi.high) / tail;
  return scale_by_power_of_two(value, gauss.exponent);
}

// 1 - erf(x). Between 1/2 and 1.5 the subtraction costs up to five bits, which gelu can afford.
double erfc_f64(double x) {
  if (x >= 28) return 0;
  if (x >= 1.5) return erfc_large(x);
  return 1 - erf_f64(x);
}

}  // namespace

// x = k ln 2 + r with |r| <= ln(2) / 2: exp(x) = 2^k * (1 + (r + r^2 * series)). The first fma is exact: for
// |x| > ln(2) / 2 both terms are multiples of 2^-54 and their difference is below 1/2.
Exponential exponential(TwoDoubles x) {
  const double k = round_half_even(x.high * kLog2E);
  const double r_high = std::fma(-k, kLn2.high, x.high);
  const double r = r_high + std::fma(-k, kLn2.low, x.low);
  return {std::fma(r * r, horner(kExpSeries, r), r), static_cast<int>(k)};
}

double expm1_f64(double x) {
  const Exponential e = exponential({x, 0});
  const double power = power_of_two(e.exponent);
  return std::fma(power, e.fraction, power - 1);
}

double exp_f64(double x) {
  if (std::isnan(x)) return x;
  if (x > 710) return kInfinity;
  if (x < -746) return 0;
  const Exponential e = exponential({x, 0});
  return scale_by_power_of_two(1 + e.fraction, e.exponent);
}

// x = 2^k * (1 + f), s = f / (2 + f): log(1 + f) = 2 atanh(s) = f - (f^2/2 - s * (f^2/2 + series)).
// f is exact and leads the sum, so that the rounding errors of the small terms hardly count.
double log_f64(double x) {
  if (std::isnan(x) || x == kInfinity) return x;
  if (x == 0) return -kInfinity;
  if (x < 0) return kNaN;
  const Decomposed d = decompose(x);
  const double k = d.exponent;
  const double f = d.fraction - 1;
  const double s = f / (2 + f);
  const double z = s * s;
  const double half_square = 0.5 * f * f;
  const double small = std::fma(s, std::fma(z, horner(kLogSeries, z), half_square), k * kLn2.low);
  return std::fma(k, kLn2.high, f - (half_square - small));
}

// w = 1 + x rounds; log(1 + x) = log(w) + (x - (w - 1)) / w to first order in the rounding error, which is
// enough.
double log1p_f64(double x) {
  const double w = 1 + x;
  return log_f64(w) + (x - (w - 1)) / w;
}

// tanh(x) = u / (u + 2), u = exp(2x) - 1. At 20 the result is 1 to 57 bits.
double tanh_f64(double x) {
  if (std::isnan(x)) return x;
  const double magnitude = std::fabs(x);
  if (magnitude > 20) return std::copysign(1.0, x);
  const double u = expm1_f64(2 * magnitude);
  return std::copysign(u / (u + 2), x);
}

// The exponential of a negative number never overflows: e / (1 + e) below zero, 1 / (1 + e) above.
double sigmoid_f64(double x) {
  const double e = exp_f64(-std::fabs(x));
  return x < 0 ? e / (1 + e) : 1 / (1 + e);
}

double softplus_f64(double x) {
  if (std::isnan(x)) return x;
  return (x > 0 ? x : 0) + log1p_f64(exp_f64(-std::fabs(x)));
}

double erf_f64(double x) {
  if (std::isnan(x)) return x;
  const double magnitude = std::fabs(x);
  if (magnitude > 6) return std::copysign(1.0, x);
  const double value = magnitude < 1.5 ? erf_small(magnitude) : 1 - erfc_large(magnitude);
  return std::copysign(value, x);
}

// x * erfc(-x / sqrt(2)) / 2. With erfc instead of 1 + erf the left tail keeps its digits.
double gelu_f64(double x) {
  if (std::isnan(x)) return x;
  if (x < -40) return -0.0;  // also -infinity, where the product would be NaN
  return 0.5 * x * erfc_f64(-x / kSqrt2);
}

}  // namespace espalier
