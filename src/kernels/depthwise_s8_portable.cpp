// The loop of depthwise_s8 in plain C++: eight channels in two halves of four.
#include "kernels/depthwise_s8_loop.h"
#include "numerics/requantize.h"

namespace espalier::kernels {
namespace {

struct Simd {
  static constexpr int kChannels = 8;
  using Staged = int16_t;
  // Four sums, eight elements, or four pairs.
  struct Vector {
    int32_t value[8];
  };
  struct Float {
    float lane[4];
  };

  static Staged staged_zero(int32_t) { return 0; }
  static void stage(const int8_t* from, Staged* to, int64_t count, int32_t zero) {
    for (int64_t i = 0; i < count; ++i) to[i] = static_cast<int16_t>(from[i] - zero);
  }
  static Vector load16(const int16_t* from) {
    Vector vector = {};
    for (int i = 0; i < 8; ++i) vector.value[i] = from[i];
    return vector;
  }
  static Vector load32(const int32_t* from) { return {from[0], from[1], from[2], from[3]}; }
  static Float load_float(const float* from) { return {from[0], from[1], from[2], from[3]}; }
  static Vector interleaved(const Vector& a, const Vector& b, int first) {
    Vector vector = {};
    for (int i = 0; i < 4; ++i) {
      vector.value[2 * i] = a.value[first + i];
      vector.value[2 * i + 1] = b.value[first + i];
    }
    return vector;
  }
  static Vector low(const Vector& a, const Vector& b) { return interleaved(a, b, 0); }
  static Vector high(const Vector& a, const Vector& b) { return interleaved(a, b, 4); }
  static Vector dot(Vector sum, const Vector& pairs, const Vector& weights) {
    for (int i = 0; i < 4; ++i)
      sum.value[i] += pairs.value[2 * i] * weights.value[2 * i] + pairs.value[2 * i + 1] * weights.value[2 * i + 1];
    return sum;
  }
  static void store(int8_t* to, const Vector& low_sums, const Vector& high_sums, const Float& low_multipliers,
                    const Float& high_multipliers, int32_t zero, int32_t min, int32_t max, int64_t count) {
    for (int64_t i = 0; i < count; ++i)
      to[i] = i < 4 ? requantize(low_sums.value[i], low_multipliers.lane[i], zero, min, max)
                    : requantize(high_sums.value[i - 4], high_multipliers.lane[i - 4], zero, min, max);
  }
};

}  // namespace

void depthwise_s8_loop_portable(const DepthwiseS8Plan& plan, const int8_t* x, int8_t* y, void* scratch,
                                int64_t area_begin, int64_t area_end, int64_t block_begin, int64_t block_end) {
  depthwise_s8_loop<Simd>(plan, x, y, scratch, area_begin, area_end, block_begin, block_end);
}

}  // namespace espalier::kernels
