// From what calibration has seen to the real range that eight bits must hold.
#pragma once

#include "graph/graph.h"
#include "graph/statistics.h"
#include "quantize/quantize.h"

namespace espalier::quantize {

// min <= 0 <= max, so that zero is exact.
struct RealRange {
  float min = 0;
  float max = 0;
};

// mean_square tries 64 fractions of each end, all pairs, on the buckets of the histogram.
RealRange choose_range(const ValueStatistics& statistics, const QuantizeOptions& options);

// scale = (max - min) / 255, zero_point = the integer nearest to -128 - min / scale. A range of nothing gets scale 1.
Quantization quantization_of(const RealRange& range);

}  // namespace espalier::quantize
