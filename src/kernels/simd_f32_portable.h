// Float primitives of no instruction set in particular, for the loops of kernels/: four lanes in plain C++, which a
// compiler turns into the vectors it has. Without an fma instruction each step calls the library: exact, but slow.
#pragma once

#include <cstdint>

#include "numerics/float_sum.h"
#include "numerics/rounding.h"

namespace espalier::kernels {
namespace {

struct PortableF32 {
  static constexpr int kLanes = 4;
  struct Vector {
    float lane[kLanes];
  };

  static Vector load(const float* from) { return load_partial(from, kLanes); }
  static void store(float* to, Vector value) { store_partial(to, value, kLanes); }
  static Vector load_partial(const float* from, int64_t count) {
    Vector value = {};
    for (int64_t i = 0; i < count; ++i) value.lane[i] = from[i];
    return value;
  }
  static void store_partial(float* to, Vector value, int64_t count) {
    for (int64_t i = 0; i < count; ++i) to[i] = value.lane[i];
  }
  static Vector broadcast(const float* from) { return {*from, *from, *from, *from}; }
  static Vector fma(Vector a, Vector b, Vector c) {
    for (int i = 0; i < kLanes; ++i) c.lane[i] = fused_multiply_add(a.lane[i], b.lane[i], c.lane[i]);
    return c;
  }
  static Vector clamp(Vector value, float min, float max) {
    for (float& lane : value.lane) lane = espalier::clamp(lane, min, max);
    return value;
  }
};

}  // namespace
}  // namespace espalier::kernels
