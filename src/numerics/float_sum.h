// Sums of float32 in the norm's order: 16 interleaved partial sums and a fixed tree; and the step of float
// products. Functions are `static inline` for the reason given in rounding.h.
#pragma once

#include <cstdint>

namespace espalier {

// a * b + c, rounded once: the step of every float convolution and product. The builtin is an instruction
// where the file is compiled for one and the library's correctly rounded fma elsewhere, so the bits do not
// depend on the flags.
static inline float fused_multiply_add(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
static inline double fused_multiply_add(double a, double b, double c) { return __builtin_fma(a, b, c); }

// The sum of term(0) .. term(count - 1), each rounded to float32 before it is added.
//
//   lane[i] = ((0 + term(i)) + term(i + 16)) + term(i + 32) + ...      i = 0..15, ascending
//   lane[i] += lane[i + 8]     i = 0..7
//   lane[i] += lane[i + 4]     i = 0..3
//   lane[i] += lane[i + 2]     i = 0..1
//   sum = lane[0] + lane[1]
//
// One AVX-512 register, two AVX or four NEON registers hold the lanes. A lane starts at +0 and is never -0,
// so a vector kernel may fill the last incomplete row with +0.
// The error is at most about (count / 16 + 4) * 2^-24 * sum|term|.
template <class Term>
static inline float sum_of_terms(int64_t count, Term term) {
  float lane[16] = {};
  for (int64_t i = 0; i < count; ++i) lane[i % 16] += term(i);
  for (int width = 8; width >= 1; width /= 2)
    for (int i = 0; i < width; ++i) lane[i] += lane[i + width];
  return lane[0];
}

static inline float sum_f32(const float* values, int64_t count) {
  return sum_of_terms(count, [values](int64_t i) { return values[i]; });
}

}  // namespace espalier
