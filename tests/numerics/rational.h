// Exact numbers for tests: +-numerator / denominator * 2^exponent in 128-bit integers, rounded by integer
// division. Written unlike the library on purpose: no float is added, multiplied or divided here.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "base/check.h"

namespace espalier {

__extension__ using uint128 = unsigned __int128;

inline int bit_count(uint128 value) {
  const uint64_t high = static_cast<uint64_t>(value >> 64);
  return high != 0 ? 128 - std::countl_zero(high) : 64 - std::countl_zero(static_cast<uint64_t>(value));
}

struct Rational {
  bool negative = false;
  uint128 numerator = 0;
  uint128 denominator = 1;
  int exponent = 0;
};

inline Rational exact(int64_t value) {
  return {value < 0, value < 0 ? uint128{0} - static_cast<uint128>(value) : static_cast<uint128>(value), 1, 0};
}

// Requires: value is finite.
inline Rational exact(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const int biased = static_cast<int>((bits >> 23) & 0xff);
  const uint32_t fraction = bits & 0x7fffff;
  CHECK(biased != 255);
  if (biased == 0) return {(bits >> 31) != 0, fraction, 1, -149};
  return {(bits >> 31) != 0, fraction | 0x800000, 1, biased - 150};
}

inline Rational product(Rational a, Rational b) {
  CHECK(bit_count(a.numerator) + bit_count(b.numerator) <= 127 &&
        bit_count(a.denominator) + bit_count(b.denominator) <= 127);
  return {a.negative != b.negative, a.numerator * b.numerator, a.denominator * b.denominator, a.exponent + b.exponent};
}

// Requires: b is not 0.
inline Rational quotient(Rational a, Rational b) {
  CHECK(b.numerator != 0);
  return product(a, {b.negative, b.denominator, b.numerator, -b.exponent});
}

// |value| / 2^unit, rounded half to even. Requires: the result has fewer than 60 bits.
inline int64_t round_magnitude(Rational value, int unit) {
  int shift = value.exponent - unit;
  uint128 n = value.numerator;
  uint128 d = value.denominator;
  if (n == 0) return 0;
  // A value far below half a unit is zero; this also keeps the shifts inside 128 bits.
  if (bit_count(n) + shift < bit_count(d) - 2) return 0;
  for (; shift > 0; --shift) {
    CHECK(bit_count(n) < 127, "too large to round");
    n <<= 1;
  }
  for (; shift < 0; ++shift) {
    CHECK(bit_count(d) < 126, "too small to round");
    d <<= 1;
  }
  const uint128 whole = n / d;
  const uint128 rest = n % d;
  const bool up = rest > d - rest || (rest == d - rest && (whole & 1) != 0);
  CHECK(bit_count(whole) < 60);
  return static_cast<int64_t>(whole) + (up ? 1 : 0);
}

// The nearest integer, ties to even.
inline int64_t round_to_integer(Rational value) {
  const int64_t magnitude = round_magnitude(value, 0);
  return value.negative ? -magnitude : magnitude;
}

// The nearest number of `precision` bits whose last bit is at least 2^smallest, ties to even, as a double.
inline double round_to_precision(Rational value, int precision, int smallest) {
  if (value.numerator == 0) return value.negative ? -0.0 : 0.0;
  // The quotient lies in [2^(top-1), 2^(top+1)); try the smaller unit first.
  const int top = bit_count(value.numerator) - bit_count(value.denominator) + value.exponent;
  int unit = top - precision < smallest ? smallest : top - precision;
  int64_t magnitude = round_magnitude(value, unit);
  // One bit too many: the unit was half of what it must be.
  if (magnitude > (int64_t{1} << precision)) magnitude = round_magnitude(value, ++unit);
  const double result = std::ldexp(static_cast<double>(magnitude), unit);
  return value.negative ? -result : result;
}

// The nearest float32, ties to even, infinities beyond the range.
inline float round_to_float(Rational value) {
  const double rounded = round_to_precision(value, 24, -149);
  if (std::fabs(rounded) >= 0x1p128) return rounded < 0 ? -INFINITY : INFINITY;
  return static_cast<float>(rounded);
}

}  // namespace espalier
