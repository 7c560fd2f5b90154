// The canary of -ffp-contract=off: an expression of the library that a compiler would like to fuse.
#pragma once

namespace espalier {

// a * b rounded, plus c rounded. On x86-64 it is compiled for FMA, so that the compiler could fuse the two.
// Requires: on x86-64, a processor with FMA (base/cpu_features.h).
float multiply_then_add(float a, float b, float c);

}  // namespace espalier
