// Which instruction sets this processor (and its operating system) offers.
#pragma once

#include <string>

namespace espalier {

struct CpuFeatures {
  bool avx2_fma = false;     // AVX2 and FMA3
  bool avx512_vnni = false;  // AVX-512 F, BW, VL, DQ and VNNI, with the operating system saving zmm registers
  bool neon = false;         // the vectors of every AArch64 processor
  bool neon_dot = false;     // dot products of bytes, armv8.2-a+dotprod
};

// Asks the processor once; later calls return the same answer.
const CpuFeatures& cpu_features();
// "avx2 avx512vnni", "neon neondot", or "portable" for none.
std::string to_string(const CpuFeatures& features);

}  // namespace espalier
