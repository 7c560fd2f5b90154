// Ranges and affine maps (quantize/choose_ranges.h).
#include "quantize/choose_ranges.h"

#include <algorithm>
#include <cmath>

#include "numerics/rounding.h"

namespace espalier::quantize {

RealRange choose_range(const ValueStatistics& statistics, const QuantizeOptions& options) {
  RealRange range{statistics.min(), statistics.max()};
  if (options.method == RangeMethod::percentile) {
    // Half of the share that is given up lies at each end.
    const double outside = (100.0 - options.percentile) / 200.0;
    range = {statistics.quantile(outside), statistics.quantile(1.0 - outside)};
  }
  return {std::min(range.min, 0.0f), std::max(range.max, 0.0f)};
}

Quantization quantization_of(const RealRange& range) {
  Quantization quantization;
  // Two divisions, since the difference of large floats need not be finite. A range that vanishes in float32 has no
  // scale; 1 keeps the arithmetic defined.
  const bool wide = !std::isfinite(range.max - range.min);
  float scale = wide ? range.max / 255.0f - range.min / 255.0f : (range.max - range.min) / 255.0f;
  if (!(scale >= 0x1p-100f)) scale = 1.0f;
  quantization.scales = {scale};
  quantization.zero_point = clamp(round_to_int(-128.0f - range.min / scale), -128, 127);
  return quantization;
}

}  // namespace espalier::quantize
