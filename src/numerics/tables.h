// Tables that the compiler makes from the float64 formulas and stores in the package.
#pragma once

#include <array>
#include <cstdint>
#include <functional>

namespace espalier {

using UnaryTable = std::array<int8_t, 256>;

// A unary function on eight bits. Entry of q, at index q + 128:
//   real = f((q - input_zero_point) * double(input_scale))
//   saturate(round_half_even(real / double(output_scale)) + output_zero_point)
// in float64 throughout. NaN becomes the output's zero point, infinities saturate.
// Requires: scales > 0 and finite, zero points in [-128, 127].
UnaryTable unary_table(const std::function<double(double)>& f, float input_scale, int32_t input_zero_point,
                       float output_scale, int32_t output_zero_point);

// The exponentials of softmax by d = max - q, 0 <= d <= 255:
//   round_half_even(2^30 * exp(-d * double(input_scale)))
// 2^30 is the largest power of two that a signed 32-bit conversion reads rightly, and 2^32 entries fit in an
// int64 sum.
std::array<uint32_t, 256> softmax_table(float input_scale);

}  // namespace espalier
