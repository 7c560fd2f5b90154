// Loops of the float functions that need exponentials: sigmoid, silu, tanh, softmax. Each instruction set repeats the
// formulas of numerics/elementary_f32.cpp operation by operation, so the bits are the same.
#pragma once

#include <cstdint>

namespace espalier::kernels {

struct ExponentialLoops {
  void (*sigmoid)(const float* x, float* y, int64_t count);
  void (*silu)(const float* x, float* y, int64_t count);
  void (*tanh)(const float* x, float* y, int64_t count);
  // y = exp(x - max(x)) / sum of that, over one row of `count` > 0 elements
  void (*softmax)(const float* x, float* y, int64_t count);
};

extern const ExponentialLoops exponential_loops_portable;
extern const ExponentialLoops exponential_loops_avx2;
extern const ExponentialLoops exponential_loops_avx512vnni;
extern const ExponentialLoops exponential_loops_neon;

}  // namespace espalier::kernels
