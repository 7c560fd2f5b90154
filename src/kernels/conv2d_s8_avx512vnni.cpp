// The loop of conv2d_s8 for AVX-512 VNNI. vpdpbusd multiplies unsigned with signed bytes, so elements become x + 128
// and the packed bias takes -(zero_point + 128) * sum(w) along; padding is staged as zero_point + 128.
#include <cstring>

#include "kernels/conv2d_s8_loop.h"
#include "kernels/requantize_avx512.h"
#include "numerics/simd_x86.h"

namespace espalier::kernels {
namespace {

struct Simd : RequantizeAvx512 {
  using Vector = __m512i;
  using Weights = Vector;
  using Step = Vector;
  using Staged = uint8_t;
  using Weight = int8_t;
  static constexpr int kLanes = 16;
  static constexpr int kDepth = 4;
  static constexpr int kStepsPerLoad = 0;
  static constexpr int kVectors = kBlockVectors.vectors;
  static constexpr int kVectorsFewPixels = kBlockVectors.few_pixels;
  static constexpr int kPixels[] = {14, 7, 4, 2, 1};
  static constexpr int kSinglePixel = 4;

  static Vector load(const int32_t* from) { return _mm512_loadu_si512(from); }
  static Vector load_weights(const Weight* from) { return _mm512_loadu_si512(from); }
  static Vector broadcast_step(const Staged* from) {
    int32_t quad;
    memcpy(&quad, from, sizeof(quad));
    return _mm512_set1_epi32(quad);
  }
  static Vector dot(Vector sum, Vector x, Vector w) {
#if defined(ESPALIER_EMULATE)
    return _mm512_dpbusd_epi32(sum, x, w);
#else
    // The intrinsic of g++ 12 copies the sum before and after, and 28 sums then spill: 196 instead of 440 GOP/s.
    asm("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(x), "v"(w));
    return sum;
#endif
  }

  static Staged staged_zero(int32_t zero) { return static_cast<Staged>(zero + 128); }
  static void stage(const int8_t* from, Staged* to, int64_t count, int32_t) {
    const __m512i top_bits = _mm512_set1_epi8(-128);
    int64_t i = 0;
    for (; i + 64 <= count; i += 64)
      _mm512_storeu_si512(to + i, _mm512_xor_si512(_mm512_loadu_si512(from + i), top_bits));
    for (; i < count; ++i) to[i] = static_cast<Staged>(from[i] + 128);
  }
};

}  // namespace

void conv2d_s8_loop_avx512vnni(const Conv2dS8Plan& plan, const int8_t* x, int8_t* y, void* scratch, int64_t area_begin,
                               int64_t area_end, int64_t block_begin, int64_t block_end) {
  conv2d_s8_loop<Simd>(plan, x, y, scratch, area_begin, area_end, block_begin, block_end);
}

}  // namespace espalier::kernels
