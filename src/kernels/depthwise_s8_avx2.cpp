// The loop of depthwise_s8 for AVX2: 16 channels a register, vpmaddwd on interleaved taps.
#include <cstring>

#include "kernels/depthwise_s8_loop.h"
#include "kernels/requantize_avx2.h"
#include "kernels/stage_avx2.h"

namespace espalier::kernels {
namespace {

struct Simd : RequantizeAvx2, StageAvx2 {
  using Vector = __m256i;
  using Taps = Vector;
  struct Weights {
    Vector low, high;
  };
  static constexpr int kChannels = 16;

  static Taps load_taps(const int16_t* from) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)); }
  static Weights load_weights(const int16_t* from) { return {load_taps(from), load_taps(from + kChannels)}; }
  static Vector load32(const int32_t* from) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)); }
  static Vector add_low(Vector sums, Taps a, Taps b, const Weights& w) {
    return _mm256_add_epi32(sums, _mm256_madd_epi16(_mm256_unpacklo_epi16(a, b), w.low));
  }
  static Vector add_high(Vector sums, Taps a, Taps b, const Weights& w) {
    return _mm256_add_epi32(sums, _mm256_madd_epi16(_mm256_unpackhi_epi16(a, b), w.high));
  }
  static Vector scaled(Vector sum, Float multipliers, int32_t zero, int32_t min, int32_t max) {
    const Vector q =
        _mm256_add_epi32(round(_mm256_mul_ps(_mm256_cvtepi32_ps(sum), multipliers)), _mm256_set1_epi32(zero));
    return _mm256_min_epi32(_mm256_max_epi32(q, _mm256_set1_epi32(min)), _mm256_set1_epi32(max));
  }
  static void store(int8_t* to, Vector low_sums, Vector high_sums, Float low_multipliers, Float high_multipliers,
                    int32_t zero, int32_t min, int32_t max, int64_t count) {
    const Vector words = _mm256_packs_epi32(scaled(low_sums, low_multipliers, zero, min, max),
                                            scaled(high_sums, high_multipliers, zero, min, max));
    const __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    if (count == kChannels) return _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
    alignas(16) int8_t memory[16];
    _mm_store_si128(reinterpret_cast<__m128i*>(memory), bytes);
    memcpy(to, memory, static_cast<size_t>(count));
  }
};

}  // namespace

void depthwise_s8_loop_avx2(const DepthwiseS8Plan& plan, const int8_t* x, int8_t* y, void* scratch, int64_t area_begin,
                            int64_t area_end, int64_t block_begin, int64_t block_end) {
  depthwise_s8_loop<Simd>(plan, x, y, scratch, area_begin, area_end, block_begin, block_end);
}

}  // namespace espalier::kernels
