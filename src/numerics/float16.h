// Half floats (IEEE binary16) as bits, converted in integer arithmetic, so that every machine agrees.
#pragma once

#include <cstdint>

namespace espalier {

// The nearest half float, ties to even. From 65520 on the result is an infinity; below 2^-14 it is subnormal,
// and up to 2^-25 a zero. A NaN becomes a quiet NaN that keeps its sign and the upper ten bits of its
// payload, as F16C does.
uint16_t f16_from_f32(float value);

// Exact: every half float is a float. A signalling NaN becomes quiet.
float f32_from_f16(uint16_t bits);

}  // namespace espalier
