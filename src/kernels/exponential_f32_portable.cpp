// sigmoid, silu, tanh and softmax one element at a time, through numerics/.
#include "kernels/exponential_f32.h"
#include "numerics/elementary.h"
#include "numerics/float_sum.h"

namespace espalier::kernels {
namespace {

void sigmoid(const float* x, float* y, int64_t count) {
  for (int64_t i = 0; i < count; ++i) y[i] = sigmoid_f32(x[i]);
}
void silu(const float* x, float* y, int64_t count) {
  for (int64_t i = 0; i < count; ++i) y[i] = x[i] * sigmoid_f32(x[i]);
}
void tanh(const float* x, float* y, int64_t count) {
  for (int64_t i = 0; i < count; ++i) y[i] = tanh_f32(x[i]);
}
void softmax(const float* x, float* y, int64_t count) {
  float largest = x[0];
  for (int64_t i = 1; i < count; ++i) largest = largest < x[i] ? x[i] : largest;
  for (int64_t i = 0; i < count; ++i) y[i] = exp_f32(x[i] - largest);
  const float sum = sum_f32(y, count);
  for (int64_t i = 0; i < count; ++i) y[i] /= sum;
}

}  // namespace

const ExponentialLoops exponential_loops_portable = {
    .sigmoid = sigmoid, .silu = silu, .tanh = tanh, .softmax = softmax};

}  // namespace espalier::kernels
