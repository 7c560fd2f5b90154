// Ranges and affine maps (quantize/choose_ranges.h).
#include "quantize/choose_ranges.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "numerics/rounding.h"

namespace espalier::quantize {
namespace {

// Sums over all buckets below a real, in float64, ascending: any range is priced by a few searches.
class SquareError {
 public:
  explicit SquareError(const ValueStatistics& statistics) {
    Sums sums;
    statistics.for_each_bucket([&](float value, uint64_t count) {
      values_.push_back(value);
      below_.push_back(sums);
      const double weighted = static_cast<double>(value) * static_cast<double>(count);
      sums.count += static_cast<double>(count);
      sums.first += weighted;
      sums.second += static_cast<double>(value) * weighted;
    });
    below_.push_back(sums);
  }

  // Sum of squares: the distance to the end for what lies outside; step^2 / 12, the variance of an even distribution
  // over a step, for what is rounded; the whole square for what is rounded to zero, which is exact itself.
  double of(const RealRange& range) const {
    const double step = (static_cast<double>(range.max) - range.min) / 255;
    const Sums under = below(range.min);
    const Sums over = below_.back() - below_to(range.max);
    const Sums small = below_to(static_cast<float>(step / 2)) - below(static_cast<float>(-step / 2));
    const double rounded = below_.back().count - under.count - over.count - small.count;
    return distance(under, range.min) + distance(over, range.max) + small.second + rounded * step * step / 12;
  }

 private:
  struct Sums {
    double count = 0;
    double first = 0;
    double second = 0;

    Sums operator-(const Sums& other) const {
      return {count - other.count, first - other.first, second - other.second};
    }
  };

  static double distance(const Sums& sums, double end) {
    return sums.second - 2 * end * sums.first + end * end * sums.count;
  }
  // Buckets below `end`; below_to counts a bucket at `end` too.
  Sums below(float end) const { return at(std::lower_bound(values_.begin(), values_.end(), end)); }
  Sums below_to(float end) const { return at(std::upper_bound(values_.begin(), values_.end(), end)); }
  Sums at(std::vector<float>::const_iterator place) const {
    return below_[static_cast<size_t>(place - values_.begin())];
  }

  std::vector<float> values_;
  std::vector<Sums> below_;
};

RealRange mean_square_range(const ValueStatistics& statistics, const RealRange& all) {
  constexpr int kFractions = 64;
  const SquareError error(statistics);
  RealRange best = all;
  double smallest = error.of(all);
  // From the widest on: of equal errors the widest range wins. An end that is zero has no fractions.
  for (int low = kFractions; low > 0; --low)
    for (int high = kFractions; high > 0; --high) {
      const RealRange range{all.min * static_cast<float>(low) / kFractions,
                            all.max * static_cast<float>(high) / kFractions};
      if ((all.min == 0 && low < kFractions) || (all.max == 0 && high < kFractions)) continue;
      const double candidate = error.of(range);
      if (candidate >= smallest) continue;
      smallest = candidate;
      best = range;
    }
  return best;
}

}  // namespace

RealRange choose_range(const ValueStatistics& statistics, const QuantizeOptions& options) {
  RealRange range{statistics.min(), statistics.max()};
  if (options.method == RangeMethod::percentile) {
    // Half of the share that is given up lies at each end.
    const double outside = (100.0 - options.percentile) / 200.0;
    range = {statistics.quantile(outside), statistics.quantile(1.0 - outside)};
  }
  range = {std::min(range.min, 0.0f), std::max(range.max, 0.0f)};
  const bool is_finite = std::isfinite(range.min) && std::isfinite(range.max);  // the quantizer refuses what is not
  return options.method == RangeMethod::mean_square && is_finite ? mean_square_range(statistics, range) : range;
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
