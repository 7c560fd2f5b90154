// The float32 functions, computed in float64 and rounded once. exp, log, tanh, sigmoid and erf have formulas
// of their own, shorter than those of elementary_f64.cpp and without branches besides the special values, so
// that a kernel can repeat them on vectors; the rare ones take the float64 function.
#include <cmath>
#include <limits>

#include "numerics/elementary.h"
#include "numerics/elementary_parts.h"

namespace espalier {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// 2 atanh(s) / s = 2 + 2/3 z + ... + 2/15 z^7, z = s^2 <= 0.0295; the rest is below 2^-44.
constexpr double kLogSeries[] = {2.0 / 15, 2.0 / 13, 2.0 / 11, 2.0 / 9, 2.0 / 7, 2.0 / 5, 2.0 / 3, 2.0};

// erf(x) / x for |x| <= 4 as a polynomial in u = x^2 / 8 - 1, within 2^-36. Printed by
// tools/elementary_constants.py.
constexpr double kErfPolynomial[] = {0x1.affb49acb570ap-17,  -0x1.33b971ec16712p-15, 0x1.14a6affe30a5dp-15,
                                     -0x1.2fecf75962793p-14, 0x1.35799ef561d5dp-12,  -0x1.60bd5cd0fbaffp-11,
                                     0x1.4ec6e7bdca99cp-10,  -0x1.4bb343de2e5a7p-9,  0x1.3e965dc66e8e1p-8,
                                     -0x1.1ac84937ba3d2p-7,  0x1.d6212dadedaeap-7,   -0x1.701656f8b2ed4p-6,
                                     0x1.0ed618c4f8020p-5,   -0x1.76eb3afae916ap-5,  0x1.ea97d94410fc4p-5,
                                     -0x1.3215b3d79ca84p-4,  0x1.717efd071ad1bp-4,   -0x1.b92e97780fe60p-4,
                                     0x1.0dabaf051a407p-3,   -0x1.69a0ccd73f872p-3,  0x1.6a040781a499cp-2};

// exp(x) = (1 + fraction) * power; one constant for ln 2 suffices, since k * 2^-54 is far below half a float.
// Requires: -150 <= x <= 150.
struct ShortExponential {
  double fraction;
  double power;
};
ShortExponential short_exponential(double x) {
  const double k = round_half_even(x * kLog2E);
  const double r = std::fma(-k, kLn2.high, x);
  return {std::fma(r * r, horner(kShortExpSeries, r), r), power_of_two(static_cast<int>(k))};
}

double short_exp(double x) {
  const ShortExponential e = short_exponential(x);
  return std::fma(e.power, e.fraction, e.power);
}

}  // namespace

// Beyond the clamp the conversion gives an infinity (exp(89) > 2^128) or a zero (exp(-104) < 2^-150).
float exp_f32(float x) {
  if (std::isnan(x)) return x;
  return static_cast<float>(short_exp(clamp(double{x}, -104.0, 89.0)));
}

// Every float, subnormal or not, is a normal double.
float log_f32(float x) {
  if (std::isnan(x) || x == kInfinity) return x;
  if (x == 0) return -kInfinity;
  if (x < 0) return kNaN;
  const Decomposed d = decompose(x);
  const double f = d.fraction - 1;
  const double s = f / (2 + f);
  return static_cast<float>(std::fma(double(d.exponent), kLn2.high, s * horner(kLogSeries, s * s)));
}

// tanh(x) = u / (u + 2), u = exp(2x) - 1; from 9.02 on it rounds to 1.
float tanh_f32(float x) {
  if (std::isnan(x)) return x;
  const ShortExponential e = short_exponential(2 * clamp(std::fabs(double{x}), 0.0, 10.0));
  const double u = std::fma(e.power, e.fraction, e.power - 1);
  return std::copysign(static_cast<float>(u / (u + 2)), x);
}

float sigmoid_f32(float x) {
  if (std::isnan(x)) return x;
  const double e = short_exp(clamp(-std::fabs(double{x}), -104.0, 0.0));
  return static_cast<float>((x < 0 ? e : 1.0) / (1 + e));
}

// erf(x) = x * polynomial(x^2); from 3.84 on it rounds to 1.
float erf_f32(float x) {
  if (std::isnan(x)) return x;
  const double t = clamp(double{x}, -4.0, 4.0);
  return static_cast<float>(t * horner(kErfPolynomial, std::fma(t, t * 0.125, -1.0)));
}

float pow_f32(float x, float y) { return static_cast<float>(pow_f64(x, y)); }
float sin_f32(float x) { return static_cast<float>(sin_f64(x)); }
float cos_f32(float x) { return static_cast<float>(cos_f64(x)); }
float softplus_f32(float x) { return static_cast<float>(softplus_f64(x)); }
float gelu_f32(float x) { return static_cast<float>(gelu_f64(x)); }

}  // namespace espalier
