// What the elementary functions share: constants in two parts, powers of two, exp before it is scaled.
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "numerics/rounding.h"

namespace espalier {

// An unevaluated sum, |low| at most about half a unit in the last place of high: 106 bits.
struct TwoDoubles {
  double high = 0;
  double low = 0;
};

// Printed by tools/elementary_constants.py.
inline constexpr TwoDoubles kLn2 = {0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56};
inline constexpr TwoDoubles kHalfPi = {0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54};
inline constexpr TwoDoubles kTwoOverSqrtPi = {0x1.20dd750429b6dp+0, 0x1.1ae3a914fed80p-56};
inline constexpr double kLog2E = 0x1.71547652b82fep+0;  // 1 / ln 2
inline constexpr double kSqrt2 = 0x1.6a09e667f3bcdp+0;

// Of the float functions, whose formulas kernels repeat on vectors:
// (exp(r) - 1 - r) / r^2 = 1/2! + ... + r^8/10!; the rest is below 2^-40 of r for |r| <= ln(2) / 2.
inline constexpr double kShortExpSeries[] = {1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720,
                                             1.0 / 120,     1.0 / 24,     1.0 / 6,     1.0 / 2};

// 2^exponent. Requires: -1022 <= exponent <= 1023.
inline double power_of_two(int exponent) { return std::bit_cast<double>(static_cast<uint64_t>(exponent + 1023) << 52); }

// value * 2^exponent by two exact powers, so that a subnormal result is rounded once and overflow is an
// infinity. Requires: value is normal and near 1, -2044 <= exponent <= 2046.
inline double scale_by_power_of_two(double value, int exponent) {
  const int half = exponent / 2;
  return value * power_of_two(half) * power_of_two(exponent - half);
}

// Horner's rule, one fma per step. Coefficients come from the highest power down.
template <size_t count>
inline double horner(const double (&coefficients)[count], double x) {
  double value = coefficients[0];
  for (size_t i = 1; i < count; ++i) value = std::fma(value, x, coefficients[i]);
  return value;
}

// x = fraction * 2^exponent with sqrt(1/2) < fraction <= sqrt(2), so that log(fraction) is the small part of
// log(x). Requires: x is positive and finite; subnormal is fine.
struct Decomposed {
  double fraction;
  int exponent;
};
inline Decomposed decompose(double x) {
  int exponent = 0;
  if (x < 0x1p-1022) {
    x *= 0x1p54;
    exponent = -54;
  }
  const uint64_t bits = std::bit_cast<uint64_t>(x);
  exponent += static_cast<int>(bits >> 52) - 1023;
  double fraction = std::bit_cast<double>((bits & 0x000fffffffffffff) | 0x3ff0000000000000);
  if (fraction > kSqrt2) {
    fraction *= 0.5;
    ++exponent;
  }
  return {fraction, exponent};
}

// exp(x.high + x.low) = (1 + fraction) * 2^exponent, fraction in about [-0.3, 0.42].
// Requires: |x.high| <= 2000, x.low is small beside x.high or at most about 1e-10.
struct Exponential {
  double fraction;
  int exponent;
};
Exponential exponential(TwoDoubles x);

// exp(x) - 1 without cancellation near 0. Requires: -40 <= x <= 40.
double expm1_f64(double x);

// log(1 + x) without cancellation near 0. Requires: 0 <= x <= 1.
double log1p_f64(double x);

}  // namespace espalier
