// pow_f64 = exp(y * log(x)), the logarithm in two doubles: y multiplies its error by up to 745.
#include <cmath>
#include <limits>

#include "numerics/elementary.h"
#include "numerics/elementary_parts.h"

namespace espalier {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// a + b exactly. Requires: |a| >= |b| or a == 0.
TwoDoubles exact_sum(double a, double b) {
  const double high = a + b;
  return {high, b - (high - a)};
}

TwoDoubles add(TwoDoubles a, TwoDoubles b) {
  const TwoDoubles sum = exact_sum(a.high, b.high);
  return exact_sum(sum.high, sum.low + (a.low + b.low));
}

TwoDoubles multiply(TwoDoubles a, TwoDoubles b) {
  const double high = a.high * b.high;
  const double low = std::fma(a.high, b.high, -high);
  return exact_sum(high, std::fma(a.high, b.low, std::fma(a.low, b.high, low)));
}

// 1/divisor to 106 bits: a literal would be rounded to 53.
TwoDoubles reciprocal(double divisor) {
  const double high = 1 / divisor;
  return {high, std::fma(-high, divisor, 1.0) / divisor};
}

// 1/7 + z/9 + ... + z^8/23; the rest, times z^3, is below 2^-65.
constexpr double kTail[] = {1.0 / 23, 1.0 / 21, 1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13, 1.0 / 11, 1.0 / 9, 1.0 / 7};

// log(x) to about 68 bits: x = 2^k * (1 + f), s = f / (2 + f), z = s^2,
//   log(1 + f) = 2s * (1 + z/3 + z^2/5 + z^3/7 + ...)
// Terms from z^3/7 on are below 2^-18 and may be plain doubles; the others are pairs.
// Requires: 0 < x < infinity.
TwoDoubles log_two_doubles(double x) {
  const Decomposed d = decompose(x);
  const double f = d.fraction - 1;
  const TwoDoubles divisor = exact_sum(2, f);
  const double quotient = f / divisor.high;
  const double remainder = std::fma(-quotient, divisor.low, std::fma(-quotient, divisor.high, f));
  const TwoDoubles s = exact_sum(quotient, remainder / divisor.high);
  const TwoDoubles z = multiply(s, s);

  TwoDoubles series = add(reciprocal(5), {horner(kTail, z.high) * z.high, 0});
  series = add(reciprocal(3), multiply(z, series));
  series = add({1, 0}, multiply(z, series));
  const TwoDoubles log_fraction = multiply({2 * s.high, 2 * s.low}, series);

  const double k = d.exponent;
  const double k_ln2 = k * kLn2.high;
  return add({k_ln2, std::fma(k, kLn2.low, std::fma(k, kLn2.high, -k_ln2))}, log_fraction);
}

// |x|^y. Requires: x is positive and finite, y finite.
double power_of_positive(double x, double y) {
  const TwoDoubles log_x = log_two_doubles(x);
  const double high = y * log_x.high;
  if (high > 710) return kInfinity;
  if (high < -746) return 0;
  const double low = std::fma(y, log_x.low, std::fma(y, log_x.high, -high));
  const Exponential e = exponential({high, low});
  return scale_by_power_of_two(1 + e.fraction, e.exponent);
}

// Doubles from 2^53 on are even integers.
bool is_integer(double y) { return round_half_even(y) == y; }
bool is_odd_integer(double y) { return is_integer(y) && std::fabs(y) < 0x1p53 && !is_integer(0.5 * y); }

}  // namespace

double pow_f64(double x, double y) {
  if (y == 0 || x == 1) return 1;  // even for NaN
  if (std::isnan(x) || std::isnan(y)) return kNaN;
  const double magnitude = std::fabs(x);
  if (std::isinf(y)) {
    if (magnitude == 1) return 1;
    return (magnitude > 1) == (y > 0) ? kInfinity : 0;
  }
  if (x < 0 && std::isfinite(x) && !is_integer(y)) return kNaN;
  double result;
  if (magnitude == 0 || std::isinf(magnitude))
    result = (magnitude == 0) == (y > 0) ? 0 : kInfinity;
  else
    result = power_of_positive(magnitude, y);
  return std::signbit(x) && is_odd_integer(y) ? -result : result;
}

}  // namespace espalier
