// CPU feature detection: on x86-64 through the compiler's builtins, which also ask the operating system about
// registers; on AArch64 through the capabilities that Linux reports.
#include "base/cpu_features.h"

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

namespace espalier {
namespace {

CpuFeatures detect() {
  CpuFeatures features;
#if defined(ESPALIER_EMULATE)
  // Tests build the kernels through SIMDe (numerics/simd_x86.h); they need AVX2 and FMA and nothing more.
  __builtin_cpu_init();
  features.avx2_fma = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  features.avx512_vnni = features.avx2_fma;
#elif defined(__x86_64__)
  __builtin_cpu_init();
  features.avx2_fma = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  features.avx512_vnni = features.avx2_fma && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
                         __builtin_cpu_supports("avx512vnni");
#elif defined(__aarch64__)
  features.neon = true;
#if defined(__ARM_FEATURE_DOTPROD)
  features.neon_dot = true;  // the whole program is built for it
#elif defined(__linux__)
  constexpr unsigned long kAsimdDp = 1ul << 20;  // HWCAP_ASIMDDP of <asm/hwcap.h>
  features.neon_dot = (getauxval(AT_HWCAP) & kAsimdDp) != 0;
#endif
#endif
  return features;
}

}  // namespace

const CpuFeatures& cpu_features() {
  static const CpuFeatures features = detect();
  return features;
}

std::string to_string(const CpuFeatures& features) {
  std::string text;
  if (features.avx2_fma) text += "avx2";
  if (features.avx512_vnni) text += " avx512vnni";
  if (features.neon) text += "neon";
  if (features.neon_dot) text += " neondot";
  return text.empty() ? "portable" : text;
}

}  // namespace espalier
