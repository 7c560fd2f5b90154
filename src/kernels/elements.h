// Loops over runs of elements, one set per instruction set: plain C++ compiled with the flags of each
// (elements_loop.h), for NEON partly written out. Sizes, threads and broadcasting are the business of the families that
// call them (pairs.cpp, pools.cpp, ...).
#pragma once

#include <cstdint>

namespace espalier::kernels {

// From integers of one or two inputs to integers of the output: the numbers of the formulas in ops/add.cpp, mul.cpp,
// concat.cpp, average_pool.cpp.
struct Rescale {
  int32_t zero_a = 0, zero_b = 0;
  float multiplier_a = 1, multiplier_b = 1;  // mul and averages use the first only
  int32_t output_zero = 0, min = -128, max = 127;
};

// A fused clamp, or the two parameters of a unary function.
struct TwoFloats {
  float first = 0;
  float second = 0;
};

// y[i] = f(a[i * a_step], b[i * b_step]); a step is 0 or 1, and not both are 0.
using PairsS8 = void (*)(const int8_t* a, int64_t a_step, const int8_t* b, int64_t b_step, int8_t* y, int64_t count,
                         const Rescale& rescale);
using PairsF32 = void (*)(const float* a, int64_t a_step, const float* b, int64_t b_step, float* y, int64_t count,
                          TwoFloats clamp);
using UnaryF32 = void (*)(const float* x, float* y, int64_t count, TwoFloats parameters);

struct ElementLoops {
  PairsS8 add_s8, sub_s8, mul_s8;
  PairsF32 add_f32, sub_f32, mul_f32, div_f32;
  UnaryF32 relu_f32, clip_f32, leaky_relu_f32, hard_sigmoid_f32, hard_swish_f32;
  // y = saturate(round((x - zero_a) * multiplier_a) + output_zero)
  void (*rescale_s8)(const int8_t* x, int8_t* y, int64_t count, const Rescale& rescale);
  void (*quantize_f32)(const float* x, int8_t* y, int64_t count, float scale, int32_t zero);
  void (*dequantize_s8)(const int8_t* x, float* y, int64_t count, float scale, int32_t zero);
  void (*table_s8)(const int8_t* x, const int8_t* entries, int8_t* y, int64_t count);
  // y = max(y, x), sums += x
  void (*max_s8)(const int8_t* x, int8_t* y, int64_t count);
  void (*max_f32)(const float* x, float* y, int64_t count);
  void (*sum_s8)(const int8_t* x, int32_t* sums, int64_t count);
  void (*sum_f32)(const float* x, float* sums, int64_t count);
  // y = average_element(sum - offset, divisor) of numerics/reductions.h; y = y / divisor
  void (*average_s8)(const int32_t* sums, int8_t* y, int64_t count, int32_t offset, float divisor,
                     const Rescale& rescale);
  void (*divide_f32)(float* y, int64_t count, float divisor);
  // The interpolation of ops/resize.cpp between the corners a b over c d.
  void (*interpolate_s8)(const int8_t* a, const int8_t* b, const int8_t* c, const int8_t* d, float weight_x,
                         float weight_y, int32_t zero, int8_t* y, int64_t count);
  void (*interpolate_f32)(const float* a, const float* b, const float* c, const float* d, float weight_x,
                          float weight_y, float* y, int64_t count);
  // The mean over `pixels` pixels of each of `count` channels; neighbours of a channel lie `stride` apart.
  void (*mean_f32)(const float* x, int64_t pixels, int64_t stride, float* y, int64_t count);
};

extern const ElementLoops element_loops_portable;
extern const ElementLoops element_loops_avx2;
extern const ElementLoops element_loops_avx512vnni;
extern const ElementLoops element_loops_neon;

}  // namespace espalier::kernels
