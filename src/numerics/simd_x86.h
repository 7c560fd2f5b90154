// The x86 intrinsics of kernel files: the compiler's own, or SIMDe's where a test runs a kernel on a machine without its
// instruction set (-DESPALIER_EMULATE). SIMDe 0.8.2 lacks mask_storeu_epi8, maskz_loadu_epi8, cvtepi8_epi32,
// reduce_add_epi32 and gathers of 512 bits; kernels do without them.
#pragma once

#if defined(ESPALIER_EMULATE)
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx2.h>
#include <simde/x86/avx512.h>
#include <simde/x86/fma.h>
#else
#include <immintrin.h>
#endif
