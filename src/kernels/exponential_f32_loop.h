// sigmoid, silu, tanh and softmax over the primitives of one instruction set: the formulas of
// numerics/elementary_f32.cpp in float64 lanes, in the same order. Everything here has internal linkage; of
// elementary_parts.h only constants are used.
//
// Simd supplies: Vector (kLanes float64), Mask, load and store of kLanes floats (converted, rounded once), set, add,
// sub, mul, div, fma, min(a, b) = a < b ? a : b, max(a, b) = a > b ? a : b, round (half to even), power_of_two of a
// whole Vector, absolute, is_negative, select(mask, a, b), copy_sign(magnitude, sign).
#pragma once

#include "kernels/exponential_f32.h"
#include "numerics/elementary_parts.h"

namespace espalier::kernels {
namespace {

template <class Simd>
struct Exponentials {
  using Vector = typename Simd::Vector;

  struct Short {
    Vector fraction;
    Vector power;
  };

  // clamp of numerics/rounding.h: NaN passes through.
  static Vector clamp_to(Vector x, double low, double high) {
    return Simd::min(Simd::set(high), Simd::max(Simd::set(low), x));
  }
  // exp(x) = (1 + fraction) * power. A NaN gives NaNs.
  static Short short_exponential(Vector x) {
    const Vector k = Simd::round(Simd::mul(x, Simd::set(kLog2E)));
    const Vector r = Simd::fma(Simd::sub(Simd::set(0), k), Simd::set(kLn2.high), x);
    Vector series = Simd::set(kShortExpSeries[0]);
#pragma GCC unroll 16
    for (int i = 1; i < static_cast<int>(sizeof(kShortExpSeries) / sizeof(double)); ++i)
      series = Simd::fma(series, r, Simd::set(kShortExpSeries[i]));
    return {Simd::fma(Simd::mul(r, r), series, r), Simd::power_of_two(k)};
  }
  static Vector short_exp(Vector x) {
    const Short e = short_exponential(x);
    return Simd::fma(e.power, e.fraction, e.power);
  }
  static Vector exp(Vector x) { return short_exp(clamp_to(x, -104.0, 89.0)); }
  static Vector sigmoid(Vector x) {
    const Vector e = short_exp(clamp_to(Simd::sub(Simd::set(-0.0), Simd::absolute(x)), -104.0, 0.0));
    const Vector above = Simd::select(Simd::is_negative(x), e, Simd::set(1));
    return Simd::div(above, Simd::add(Simd::set(1), e));
  }
  static Vector tanh(Vector x) {
    const Vector bounded = clamp_to(Simd::absolute(x), 0.0, 10.0);
    const Short e = short_exponential(Simd::mul(Simd::set(2), bounded));
    const Vector u = Simd::fma(e.power, e.fraction, Simd::sub(e.power, Simd::set(1)));
    return Simd::copy_sign(Simd::div(u, Simd::add(u, Simd::set(2))), x);
  }

  // Rows end in a vector of their own, so that no loop needs a scalar copy of the formula.
  template <class Function>
  [[gnu::always_inline]] static void for_each(const float* x, float* y, int64_t count, Function function) {
    int64_t i = 0;
    for (; i + Simd::kLanes <= count; i += Simd::kLanes) function(x + i, y + i);
    if (i == count) return;
    float in[Simd::kLanes] = {};
    float out[Simd::kLanes];
    for (int64_t k = i; k < count; ++k) in[k - i] = x[k];
    function(in, out);
    for (int64_t k = i; k < count; ++k) y[k] = out[k - i];
  }

  static void sigmoid_f32(const float* x, float* y, int64_t count) {
    for_each(x, y, count, [](const float* in, float* out) { Simd::store(out, sigmoid(Simd::load(in))); });
  }
  // x * sigmoid(x): the sigmoid is rounded to float32, then the product.
  static void silu_f32(const float* x, float* y, int64_t count) {
    for_each(x, y, count, [](const float* in, float* out) {
      float rounded[Simd::kLanes];
      Simd::store(rounded, sigmoid(Simd::load(in)));
      for (int i = 0; i < Simd::kLanes; ++i) out[i] = in[i] * rounded[i];
    });
  }
  static void tanh_f32(const float* x, float* y, int64_t count) {
    for_each(x, y, count, [](const float* in, float* out) { Simd::store(out, tanh(Simd::load(in))); });
  }
  static void softmax_f32(const float* x, float* y, int64_t count) {
    float largest = x[0];
    for (int64_t i = 1; i < count; ++i) largest = largest < x[i] ? x[i] : largest;
    for_each(x, y, count, [largest](const float* in, float* out) {
      float below[Simd::kLanes];
      for (int i = 0; i < Simd::kLanes; ++i) below[i] = in[i] - largest;
      Simd::store(out, exp(Simd::load(below)));
    });
    // The order of numerics/float_sum.h, sixteen lanes at a time.
    float lane[16] = {};
    int64_t i = 0;
    for (; i + 16 <= count; i += 16)
      for (int k = 0; k < 16; ++k) lane[k] += y[i + k];
    for (int k = 0; i + k < count; ++k) lane[k] += y[i + k];
    for (int width = 8; width >= 1; width /= 2)
      for (int k = 0; k < width; ++k) lane[k] += lane[k + width];
    for (int64_t k = 0; k < count; ++k) y[k] /= lane[0];
  }

  static constexpr ExponentialLoops kLoops = {
      .sigmoid = sigmoid_f32, .silu = silu_f32, .tanh = tanh_f32, .softmax = softmax_f32};
};

}  // namespace
}  // namespace espalier::kernels
