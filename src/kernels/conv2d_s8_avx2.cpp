// The loop of conv2d_s8 for AVX2: elements become x - zero_point in int16 (at most 255 in magnitude), pairs of them are
// multiplied with pairs of w - weight_zero and added exactly by vpmaddwd. vpmaddubsw would saturate.
#include <cstring>

#include "kernels/conv2d_s8_loop.h"
#include "kernels/requantize_avx2.h"
#include "kernels/stage_avx2.h"
#include "numerics/simd_x86.h"

namespace espalier::kernels {
namespace {

struct Simd : RequantizeAvx2, StageAvx2 {
  using Vector = __m256i;
  using Weights = Vector;
  using Step = Vector;
  using Weight = int16_t;
  static constexpr int kLanes = 8;
  static constexpr int kDepth = 2;
  static constexpr int kStepsPerLoad = 0;
  static constexpr int kVectors = kBlockVectors.vectors;
  static constexpr int kVectorsFewPixels = kBlockVectors.few_pixels;
  static constexpr int kPixels[] = {4, 2, 1};
  static constexpr int kSinglePixel = 2;

  static Vector load(const int32_t* from) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)); }
  static Vector load_weights(const Weight* from) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)); }
  static Vector broadcast_step(const Staged* from) {
    int32_t pair;
    memcpy(&pair, from, sizeof(pair));
    return _mm256_set1_epi32(pair);
  }
  static Vector dot(Vector sum, Vector x, Vector w) { return _mm256_add_epi32(sum, _mm256_madd_epi16(x, w)); }
};

}  // namespace

void conv2d_s8_loop_avx2(const Conv2dS8Plan& plan, const int8_t* x, int8_t* y, void* scratch, int64_t area_begin,
                         int64_t area_end, int64_t block_begin, int64_t block_end) {
  conv2d_s8_loop<Simd>(plan, x, y, scratch, area_begin, area_end, block_begin, block_end);
}

}  // namespace espalier::kernels
