// sin and cos in float64: an exact reduction to [-pi/4, pi/4], then Taylor series.
#include <cmath>
#include <limits>

#include "numerics/elementary.h"
#include "numerics/elementary_parts.h"

namespace espalier {
namespace {

__extension__ using uint128 = unsigned __int128;

// 2/pi = 0.a2f9836e... in binary, after 64 zeros so that small arguments need no case of their own. The
// largest double is below 2^1024 and reads up to bit 1033 + 192. Printed by tools/elementary_constants.py.
constexpr uint64_t kTwoOverPi[] = {0x0000000000000000, 0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041,
                                   0xfe5163abdebbc561, 0xb7246e3a424dd2e0, 0x06492eea09d1921c, 0xfe1deb1cb129a73e,
                                   0xe88235f52ebb4484, 0xe99c7026b45f7e41, 0x3991d639835339f4, 0x9c845f8bbdf9283b,
                                   0x1ff897ffde05980f, 0xef2f118b5a0a6d1f, 0x6d367ecf27cb09b7, 0x4f463f669e5fea2d,
                                   0x7527bac7ebe5f17b, 0x3d0739f78a5292ea, 0x6bfb5fb11f8d5d08, 0x56033046fc7b6bab};

// 64 bits of the table from bit `position` on.
uint64_t bits_at(int position) {
  const int word = position / 64;
  const int shift = position % 64;
  if (shift == 0) return kTwoOverPi[word];
  return (kTwoOverPi[word] << shift) | (kTwoOverPi[word + 1] >> (64 - shift));
}

// x = quadrant * pi/2 + rest, modulo 2 pi, |rest| <= pi/4 to about 106 bits.
struct Reduced {
  int quadrant;
  TwoDoubles rest;
};

// Payne and Hanek's method. x = m * 2^e with an integer m below 2^53. Bits of 2/pi whose product with x is a
// multiple of four turn the circle whole times and are left out; the next 192 give, modulo 4,
//
//   m * window = | quadrant 2 bits | fraction 190 bits |      in units of 2^-190, the last 53 bits uncertain
//
// The fraction, read as a signed number, is in [-1/2, 1/2). No double comes closer to a multiple of pi/2 than
// 2^-62 quarter turns, so 128 bits of it leave more than 64. Requires: x > pi/4 and finite.
Reduced reduce(double x) {
  const uint64_t bits = std::bit_cast<uint64_t>(x);
  const int e = static_cast<int>(bits >> 52) - 1075;
  const uint64_t m = (bits & 0x000fffffffffffff) | 0x0010000000000000;
  const int begin = 64 + e - 2;
  const uint128 low = uint128{m} * bits_at(begin + 128);
  const uint128 middle = uint128{m} * bits_at(begin + 64) + static_cast<uint64_t>(low >> 64);
  const uint64_t high = m * bits_at(begin) + static_cast<uint64_t>(middle >> 64);

  const uint128 product = (uint128{high} << 64) | static_cast<uint64_t>(middle);
  uint128 fraction = (product << 2) | (static_cast<uint64_t>(low) >> 62);
  int quadrant = static_cast<int>(high >> 62);
  const bool negative = (fraction >> 127) != 0;
  if (negative) {
    fraction = -fraction;
    ++quadrant;
  }
  // Two exact doubles of 53 and 64 bits; the second rounds.
  const double part_high = static_cast<double>(static_cast<uint64_t>(fraction >> 75)) * 0x1p-53;
  const uint128 rest = fraction << 53;
  const double part_low = static_cast<double>(static_cast<uint64_t>(rest >> 64)) * 0x1p-117;

  // A product of pairs. When the high part is zero by cancellation the low part still has its 64 bits.
  const double sum = part_high + part_low;
  const double error = part_low - (sum - part_high);
  const double r = sum * kHalfPi.high;
  const double r_low = std::fma(sum, kHalfPi.low, std::fma(error, kHalfPi.high, std::fma(sum, kHalfPi.high, -r)));
  if (negative) return {quadrant & 3, {-r, -r_low}};
  return {quadrant & 3, {r, r_low}};
}

// -1/3! + z/5! - ... + z^7/17!, and 1/4! - z/6! + ... + z^6/16!, from the highest power down; z <= (pi/4)^2.
// The first terms left out are below 2^-60.
constexpr double kSinSeries[] = {1.0 / 355687428096000, -1.0 / 1307674368000, 1.0 / 6227020800, -1.0 / 39916800,
                                 1.0 / 362880,          -1.0 / 5040,          1.0 / 120,        -1.0 / 6};
constexpr double kCosSeries[] = {-1.0 / 6402373705728000, 1.0 / 20922789888000, -1.0 / 87178291200, 1.0 / 479001600,
                                 -1.0 / 3628800,          1.0 / 40320,          -1.0 / 720,         1.0 / 24};

// sin(r + l) = r + (r^3 * series + l * (1 - r^2/2))
double sin_near_zero(TwoDoubles x) {
  const double z = x.high * x.high;
  return x.high + std::fma(z * x.high, horner(kSinSeries, z), x.low * (1 - 0.5 * z));
}

// cos(r + l) = 1 - r^2/2 + (r^4 * series - l * r); the rounding error of 1 - r^2/2 is added back.
double cos_near_zero(TwoDoubles x) {
  const double z = x.high * x.high;
  const double half = 0.5 * z;
  const double leading = 1 - half;
  const double error = (1 - leading) - half;
  return leading + (error + std::fma(z * z, horner(kCosSeries, z), -x.low * x.high));
}

constexpr double kQuarterPi = 0x1.921fb54442d18p-1;

Reduced reduce_any(double magnitude) {
  if (magnitude <= kQuarterPi) return {0, {magnitude, 0}};
  return reduce(magnitude);
}

// sin(quadrant * pi/2 + rest)
double sin_of(int quadrant, TwoDoubles rest) {
  const double value = quadrant % 2 == 0 ? sin_near_zero(rest) : cos_near_zero(rest);
  return quadrant % 4 < 2 ? value : -value;
}

}  // namespace

double sin_f64(double x) {
  if (!std::isfinite(x)) return std::numeric_limits<double>::quiet_NaN();
  const Reduced reduced = reduce_any(std::fabs(x));
  const double value = sin_of(reduced.quadrant, reduced.rest);
  return std::signbit(x) ? -value : value;
}

double cos_f64(double x) {
  if (!std::isfinite(x)) return std::numeric_limits<double>::quiet_NaN();
  const Reduced reduced = reduce_any(std::fabs(x));
  return sin_of(reduced.quadrant + 1, reduced.rest);
}

}  // namespace espalier
