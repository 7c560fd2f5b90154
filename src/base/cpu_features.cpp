// CPU feature detection through the compiler's builtins, which also ask the operating system about registers.
#include "base/cpu_features.h"

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
  return text.empty() ? "portable" : text;
}

}  // namespace espalier
