// The x86 intrinsics of kernel files: the compiler's own, or SIMDe's where a test runs a kernel on a machine without
// its instruction set (-DESPALIER_EMULATE). SIMDe 0.8.2 lacks mask_storeu_epi8, maskz_loadu_epi8, cvtepi8_epi32,
// reduce_add_epi32 and gathers of 512 bits; kernels do without them.
#pragma once

#if defined(ESPALIER_EMULATE)
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx2.h>
#include <simde/x86/avx512.h>
#include <simde/x86/fma.h>

// Four more that it lacks, from halves.
namespace espalier {
static inline __m512d emulated_cvtps_pd(__m256 a) {
  return _mm512_insertf64x4(_mm512_castpd256_pd512(_mm256_cvtps_pd(_mm256_castps256_ps128(a))),
                            _mm256_cvtps_pd(_mm256_extractf128_ps(a, 1)), 1);
}
static inline __m256 emulated_cvtpd_ps(__m512d a) {
  return _mm256_set_m128(_mm256_cvtpd_ps(_mm512_extractf64x4_pd(a, 1)), _mm256_cvtpd_ps(_mm512_castpd512_pd256(a)));
}
static inline __m256i emulated_cvtpd_epi32(__m512d a) {
  return _mm256_set_m128i(_mm256_cvtpd_epi32(_mm512_extractf64x4_pd(a, 1)),
                          _mm256_cvtpd_epi32(_mm512_castpd512_pd256(a)));
}
static inline __m512i emulated_cvtepi32_epi64(__m256i a) {
  return _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_cvtepi32_epi64(_mm256_castsi256_si128(a))),
                            _mm256_cvtepi32_epi64(_mm256_extracti128_si256(a, 1)), 1);
}
// SIMDe touches the whole register's memory; the instructions touch only what the mask names, and kernels rely on it.
static inline void emulated_mask_storeu_ps(void* to, __mmask16 mask, __m512 value) {
  float lanes[16];
  _mm512_storeu_ps(lanes, value);
  for (int i = 0; i < 16; ++i)
    if ((mask >> i & 1) != 0) __builtin_memcpy(static_cast<char*>(to) + 4 * i, lanes + i, 4);
}
static inline __m512 emulated_maskz_loadu_ps(__mmask16 mask, const void* from) {
  float lanes[16] = {};
  for (int i = 0; i < 16; ++i)
    if ((mask >> i & 1) != 0) __builtin_memcpy(lanes + i, static_cast<const char*>(from) + 4 * i, 4);
  return _mm512_loadu_ps(lanes);
}
}  // namespace espalier
#undef _mm512_mask_storeu_ps
#undef _mm512_maskz_loadu_ps
#define _mm512_mask_storeu_ps espalier::emulated_mask_storeu_ps
#define _mm512_maskz_loadu_ps espalier::emulated_maskz_loadu_ps
#define _mm512_cvtps_pd espalier::emulated_cvtps_pd
#define _mm512_cvtpd_ps espalier::emulated_cvtpd_ps
#define _mm512_cvtpd_epi32 espalier::emulated_cvtpd_epi32
#define _mm512_cvtepi32_epi64 espalier::emulated_cvtepi32_epi64
#else
#include <immintrin.h>
#endif
