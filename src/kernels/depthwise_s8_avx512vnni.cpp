// The loop of depthwise_s8 for AVX-512: 32 channels a register, vpmaddwd on interleaved taps.
#include <cstring>

#include "kernels/depthwise_s8_loop.h"
#include "kernels/requantize_avx512.h"

namespace espalier::kernels {
namespace {

struct Simd : RequantizeAvx512 {
  using Vector = __m512i;
  using Taps = Vector;
  struct Weights {
    Vector low, high;
  };
  using Staged = int16_t;
  static constexpr int kChannels = 32;

  static Staged staged_zero(int32_t) { return 0; }
  static void stage(const int8_t* from, Staged* to, int64_t count, int32_t zero) {
    const __m512i zeros = _mm512_set1_epi16(static_cast<int16_t>(zero));
    int64_t i = 0;
    for (; i + 32 <= count; i += 32) {
      const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + i));
      _mm512_storeu_si512(to + i, _mm512_sub_epi16(_mm512_cvtepi8_epi16(bytes), zeros));
    }
    for (; i < count; ++i) to[i] = static_cast<int16_t>(from[i] - zero);
  }

  static Taps load_taps(const int16_t* from) { return _mm512_loadu_si512(from); }
  static Weights load_weights(const int16_t* from) { return {load_taps(from), load_taps(from + kChannels)}; }
  static Vector load32(const int32_t* from) { return _mm512_loadu_si512(from); }
  static Vector add_low(Vector sums, Taps a, Taps b, const Weights& w) {
    return _mm512_add_epi32(sums, _mm512_madd_epi16(_mm512_unpacklo_epi16(a, b), w.low));
  }
  static Vector add_high(Vector sums, Taps a, Taps b, const Weights& w) {
    return _mm512_add_epi32(sums, _mm512_madd_epi16(_mm512_unpackhi_epi16(a, b), w.high));
  }
  static Vector scaled(Vector sum, Float multipliers, int32_t zero, int32_t min, int32_t max) {
    const Vector q =
        _mm512_add_epi32(round(_mm512_mul_ps(_mm512_cvtepi32_ps(sum), multipliers)), _mm512_set1_epi32(zero));
    return _mm512_min_epi32(_mm512_max_epi32(q, _mm512_set1_epi32(min)), _mm512_set1_epi32(max));
  }
  static void store(int8_t* to, Vector low_sums, Vector high_sums, Float low_multipliers, Float high_multipliers,
                    int32_t zero, int32_t min, int32_t max, int64_t count) {
    const Vector words = _mm512_packs_epi32(scaled(low_sums, low_multipliers, zero, min, max),
                                            scaled(high_sums, high_multipliers, zero, min, max));
    const __m256i bytes = _mm512_cvtepi16_epi8(words);
    if (count == kChannels) return _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), bytes);
    alignas(32) int8_t memory[32];
    _mm256_store_si256(reinterpret_cast<__m256i*>(memory), bytes);
    memcpy(to, memory, static_cast<size_t>(count));
  }
};

}  // namespace

void depthwise_s8_loop_avx512vnni(const DepthwiseS8Plan& plan, const int8_t* x, int8_t* y, void* scratch,
                                  int64_t area_begin, int64_t area_end, int64_t block_begin, int64_t block_end) {
  depthwise_s8_loop<Simd>(plan, x, y, scratch, area_begin, area_end, block_begin, block_end);
}

}  // namespace espalier::kernels
