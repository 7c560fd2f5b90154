// The x86 intrinsics of kernel files: the compiler's own, or SIMDe's where a test runs a kernel on a machine without its
// instruction set (-DESPALIER_EMULATE). SIMDe 0.8.2 lacks mask_storeu_epi8, maskz_loadu_epi8, cvtepi8_epi32,
// reduce_add_epi32 and gathers of 512 bits; kernels do without them.
#pragma once

#if defined(ESPALIER_EMULATE)
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx2.h>
#include <simde/x86/avx512.h>
#include <simde/x86/fma.h>

// SIMDe's masked loads and stores touch the whole vector; a tail before a guard page needs the elements of the mask only.
static inline void espalier_mask_storeu_ps(void* to, __mmask16 mask, __m512 vector) {
  alignas(64) float elements[16];
  _mm512_store_ps(elements, vector);
  for (int i = 0; i < 16; ++i)
    if ((mask >> i) & 1) __builtin_memcpy((char*)to + 4 * i, &elements[i], 4);
}
static inline __m512 espalier_maskz_loadu_ps(__mmask16 mask, const void* from) {
  alignas(64) float elements[16] = {};
  for (int i = 0; i < 16; ++i)
    if ((mask >> i) & 1) __builtin_memcpy(&elements[i], (const char*)from + 4 * i, 4);
  return _mm512_load_ps(elements);
}
#undef _mm512_mask_storeu_ps
#undef _mm512_maskz_loadu_ps
#define _mm512_mask_storeu_ps espalier_mask_storeu_ps
#define _mm512_maskz_loadu_ps espalier_maskz_loadu_ps

// Each 32-bit element without its upper bits.
static inline __m128i espalier_cvtepi32_epi8(__m512i wide) {
  alignas(64) signed int elements[16];
  alignas(16) signed char bytes[16];
  _mm512_store_si512(elements, wide);
  for (int i = 0; i < 16; ++i) bytes[i] = (signed char)elements[i];
  return _mm_load_si128((const __m128i*)bytes);
}
#define _mm512_cvtepi32_epi8 espalier_cvtepi32_epi8
#else
#include <immintrin.h>
#endif
