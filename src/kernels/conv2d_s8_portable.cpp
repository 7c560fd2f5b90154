// The loop of conv2d_s8 in plain C++: elements become x - zero_point in int16, four lanes.
#include "kernels/conv2d_s8_loop.h"
#include "numerics/requantize.h"

namespace espalier::kernels {
namespace {

struct Simd {
  static constexpr int kLanes = 4;
  static constexpr int kDepth = 1;
  static constexpr int kStepsPerLoad = 0;
  static constexpr int kVectors = kBlockVectors.vectors;
  static constexpr int kVectorsFewPixels = kBlockVectors.few_pixels;
  static constexpr int kPixels[] = {4, 2, 1};
  static constexpr int kSinglePixel = 2;
  struct Vector {
    int32_t lane[kLanes];
  };
  struct Float {
    float lane[kLanes];
  };
  struct Narrow {
    int8_t lane[kLanes];
  };
  using Weights = Vector;
  using Step = Vector;
  using Staged = int16_t;
  using Weight = int16_t;

  static Vector load(const int32_t* from) {
    Vector value = {};
    for (int i = 0; i < kLanes; ++i) value.lane[i] = from[i];
    return value;
  }
  static Vector load_weights(const Weight* from) {
    Vector value = {};
    for (int i = 0; i < kLanes; ++i) value.lane[i] = from[i];
    return value;
  }
  static Vector broadcast_step(const Staged* from) { return {*from, *from, *from, *from}; }
  static Vector dot(Vector sum, const Vector& x, const Vector& w) {
    for (int i = 0; i < kLanes; ++i) sum.lane[i] += x.lane[i] * w.lane[i];
    return sum;
  }

  static Staged staged_zero(int32_t) { return 0; }
  static void stage(const int8_t* from, Staged* to, int64_t count, int32_t zero) {
    for (int64_t i = 0; i < count; ++i) to[i] = static_cast<int16_t>(from[i] - zero);
  }

  static Float load_float(const float* from) {
    Float value = {};
    for (int i = 0; i < kLanes; ++i) value.lane[i] = from[i];
    return value;
  }
  static Narrow requantize(const Vector& sum, const Float& multipliers, int32_t zero, int32_t min, int32_t max) {
    Narrow value = {};
    for (int i = 0; i < kLanes; ++i)
      value.lane[i] = espalier::requantize(sum.lane[i], multipliers.lane[i], zero, min, max);
    return value;
  }
  static void store(int8_t* to, const Narrow& value) { store_partial(to, value, kLanes); }
  static void store_partial(int8_t* to, const Narrow& value, int64_t count) {
    for (int64_t i = 0; i < count; ++i) to[i] = value.lane[i];
  }
};

}  // namespace

void conv2d_s8_loop_portable(const Conv2dS8Plan& plan, const int8_t* x, int8_t* y, void* scratch, int64_t area_begin,
                             int64_t area_end, int64_t block_begin, int64_t block_end) {
  conv2d_s8_loop<Simd>(plan, x, y, scratch, area_begin, area_end, block_begin, block_end);
}

}  // namespace espalier::kernels
