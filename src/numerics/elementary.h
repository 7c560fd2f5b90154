// exp, log, tanh, erf, pow, sin, cos and the activations made of them, the same bits on every machine. The
// math library is not used: its results differ by version and by processor. One formula each, in a fixed
// order with explicit fused multiply-adds; only +, -, *, /, sqrt and fma of IEEE 754 are relied on.
//
// Errors below are the largest that tests/numerics/elementary_test.cpp has seen, in units in the last place
// against the long double library; docs/arithmetic.md derives them. Special values are those of C99, annex F.
// The payload and the sign of a NaN are not part of the norm.
#pragma once

namespace espalier {

// float64: for the tables that the compiler makes. Accurate first, fast second.
double exp_f64(double x);            // 0.99 ulp
double log_f64(double x);            // 0.81
double tanh_f64(double x);           // 2.6
double erf_f64(double x);            // 4.7
double pow_f64(double x, double y);  // 0.98
double sin_f64(double x);            // 0.82, for any finite x
double cos_f64(double x);            // 0.82
double sigmoid_f64(double x);        // 2.2; 1 / (1 + exp(-x))
double softplus_f64(double x);       // 1.9; log(1 + exp(x))
double gelu_f64(double x);           // 3.1, below -0.7 4e-16 absolute; x * (1 + erf(x / sqrt(2))) / 2

// float32: for float operators. Each computes in float64 and rounds once. The 29 spare bits buy three things:
// short formulas without compensation terms, results that are subnormal or overflow correctly by the final
// conversion alone, and an error of hardly more than the half unit that any result must have: 0.50008 ulp for
// erf, 0.500001 for the others.
float exp_f32(float x);
float log_f32(float x);
float tanh_f32(float x);
float erf_f32(float x);
float pow_f32(float x, float y);
float sin_f32(float x);
float cos_f32(float x);
float sigmoid_f32(float x);
float softplus_f32(float x);
float gelu_f32(float x);

}  // namespace espalier
