// Tables of tables.h.
#include "numerics/tables.h"

#include <cmath>

#include "base/check.h"
#include "numerics/elementary.h"
#include "numerics/rounding.h"

namespace espalier {

UnaryTable unary_table(const std::function<double(double)>& f, float input_scale, int32_t input_zero_point,
                       float output_scale, int32_t output_zero_point) {
  CHECK(input_scale > 0 && std::isfinite(input_scale), "input scale {}", input_scale);
  CHECK(output_scale > 0 && std::isfinite(output_scale), "output scale {}", output_scale);
  UnaryTable table;
  for (int32_t q = -128; q <= 127; ++q) {
    const double quotient = f((q - input_zero_point) * double{input_scale}) / double{output_scale};
    table[static_cast<size_t>(q + 128)] = saturate_s8(round_to_int(quotient) + output_zero_point);
  }
  return table;
}

std::array<uint32_t, 256> softmax_table(float input_scale) {
  CHECK(input_scale > 0 && std::isfinite(input_scale), "input scale {}", input_scale);
  std::array<uint32_t, 256> table;
  for (int32_t d = 0; d < 256; ++d)
    table[static_cast<size_t>(d)] = static_cast<uint32_t>(round_half_even(0x1p30 * exp_f64(-d * double{input_scale})));
  return table;
}

}  // namespace espalier
