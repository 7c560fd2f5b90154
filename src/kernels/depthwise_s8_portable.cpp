// The loop of depthwise_s8 in plain C++: eight channels in two halves of four.
#include "kernels/depthwise_s8_loop.h"
#include "numerics/requantize.h"

namespace espalier::kernels {
namespace {

struct Simd {
  static constexpr int kChannels = 8;
  using Staged = int16_t;
  struct Vector {
    int32_t lane[4];
  };
  struct Taps {
    int32_t channel[8];
  };
  struct Weights {
    int32_t pair[8][2];
  };
  struct Float {
    float lane[4];
  };

  static Staged staged_zero(int32_t) { return 0; }
  static void stage(const int8_t* from, Staged* to, int64_t count, int32_t zero) {
    for (int64_t i = 0; i < count; ++i) to[i] = static_cast<int16_t>(from[i] - zero);
  }
  static Taps load_taps(const int16_t* from) {
    Taps taps = {};
    for (int i = 0; i < 8; ++i) taps.channel[i] = from[i];
    return taps;
  }
  static Weights load_weights(const int16_t* from) {
    Weights weights = {};
    for (int i = 0; i < 8; ++i)
      for (int tap = 0; tap < 2; ++tap) weights.pair[i][tap] = from[2 * i + tap];
    return weights;
  }
  static Vector load32(const int32_t* from) { return {from[0], from[1], from[2], from[3]}; }
  static Float load_float(const float* from) { return {from[0], from[1], from[2], from[3]}; }
  static Vector add_half(Vector sums, const Taps& a, const Taps& b, const Weights& w, int first) {
    for (int i = 0; i < 4; ++i)
      sums.lane[i] += a.channel[first + i] * w.pair[first + i][0] + b.channel[first + i] * w.pair[first + i][1];
    return sums;
  }
  static Vector add_low(const Vector& sums, const Taps& a, const Taps& b, const Weights& w) {
    return add_half(sums, a, b, w, 0);
  }
  static Vector add_high(const Vector& sums, const Taps& a, const Taps& b, const Weights& w) {
    return add_half(sums, a, b, w, 4);
  }
  static void store(int8_t* to, const Vector& low_sums, const Vector& high_sums, const Float& low_multipliers,
                    const Float& high_multipliers, int32_t zero, int32_t min, int32_t max, int64_t count) {
    for (int64_t i = 0; i < count; ++i)
      to[i] = i < 4 ? requantize(low_sums.lane[i], low_multipliers.lane[i], zero, min, max)
                    : requantize(high_sums.lane[i - 4], high_multipliers.lane[i - 4], zero, min, max);
  }
};

}  // namespace

void depthwise_s8_loop_portable(const DepthwiseS8Plan& plan, const int8_t* x, int8_t* y, void* scratch,
                                int64_t area_begin, int64_t area_end, int64_t block_begin, int64_t block_end) {
  depthwise_s8_loop<Simd>(plan, x, y, scratch, area_begin, area_end, block_begin, block_end);
}

}  // namespace espalier::kernels
