// How many vectors of output channels the blocks of a product take. Loops compiled for an instruction set include this
// header, so it holds no function.
#pragma once

#include <cstdint>

namespace espalier::kernels {

struct BlockVectors {
  int64_t vectors = 2;     // of a block whose tiles have several pixels; the last block may have fewer
  int64_t few_pixels = 8;  // where there are fewer than four
};
inline constexpr BlockVectors kBlockVectors = {};
// On NEON a vector of conv2d_s8 takes four registers itself, with dot products two.
inline constexpr BlockVectors kBlockVectorsNeon = {.vectors = 1, .few_pixels = 2};
inline constexpr BlockVectors kBlockVectorsNeonDot = {.vectors = 1, .few_pixels = 4};

}  // namespace espalier::kernels
