// Loops over rows that are normalised or weighted, one set per instruction set: plain C++ compiled with the flags of
// each (rows_loop.h). The formulas are those of numerics/reductions.h and ops/prelu.cpp.
#pragma once

#include <cstdint>

namespace espalier::kernels {

struct RowLoops {
  // One row; `exponentials` is scratch of `count` elements.
  void (*softmax_s8)(const int8_t* x, int8_t* y, int64_t count, const uint32_t* table, float output_scale,
                     int32_t output_zero, uint32_t* exponentials);
  // gamma and beta are divided by the output's scale.
  void (*layer_norm_s8)(const int8_t* x, int8_t* y, int64_t count, float epsilon, const float* gamma, const float* beta,
                        int32_t output_zero);
  // scale and bias may be nullptr.
  void (*layer_norm_f32)(const float* x, float* y, int64_t count, float epsilon, const float* scale, const float* bias);
  // y[i] = requantize(x[i] - input_zero, multiplier or below[i * step]); a step is 0 or 1.
  void (*prelu_s8)(const int8_t* x, int8_t* y, int64_t count, float multiplier, const float* below, int64_t step,
                   int32_t input_zero, int32_t output_zero);
  void (*prelu_f32)(const float* x, float* y, int64_t count, const float* slope, int64_t step);
};

extern const RowLoops row_loops_portable;
extern const RowLoops row_loops_avx2;
extern const RowLoops row_loops_avx512vnni;
extern const RowLoops row_loops_neon;

}  // namespace espalier::kernels
