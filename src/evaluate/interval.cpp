// The percentile bootstrap (Efron and Tibshirani, An Introduction to the Bootstrap, 13.3) on a generator of its own,
// since those of the standard library draw differently by library.
#include "evaluate/interval.h"

#include <algorithm>

#include "base/check.h"

namespace espalier {
namespace {

// SplitMix64 (Steele, Lea, Flood 2014).
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }

  // In [0, count). The upper 32 bits scaled down; unequal by less than count / 2^32. Requires: count < 2^32.
  int64_t below(int64_t count) { return static_cast<int64_t>(((next() >> 32) * static_cast<uint64_t>(count)) >> 32); }

 private:
  uint64_t state_;
};

}  // namespace

std::vector<Interval> bootstrap_intervals(int64_t sample_count, const BootstrapOptions& options,
                                          const WeightedFigures& figures) {
  CHECK(sample_count >= 1 && sample_count < (int64_t{1} << 32) && options.resample_count >= 1);
  CHECK(options.group_size >= 1 && sample_count % options.group_size == 0);
  const int64_t group_count = sample_count / options.group_size;
  Random random(options.seed);
  std::vector<int32_t> weights(static_cast<size_t>(sample_count));
  std::vector<std::vector<double>> drawn;  // [figure][resample]
  for (int64_t resample = 0; resample < options.resample_count; ++resample) {
    std::fill(weights.begin(), weights.end(), 0);
    for (int64_t draw = 0; draw < group_count; ++draw) {
      const int64_t first = random.below(group_count) * options.group_size;
      for (int64_t i = 0; i < options.group_size; ++i) ++weights[static_cast<size_t>(first + i)];
    }
    const std::vector<double> values = figures(weights);
    drawn.resize(values.size());
    for (size_t i = 0; i < values.size(); ++i) drawn[i].push_back(values[i]);
  }
  std::vector<Interval> intervals;
  for (std::vector<double>& values : drawn) {
    std::sort(values.begin(), values.end());
    // 2.5 % of the values lie outside at each end.
    const size_t outside = values.size() / 40;
    intervals.push_back({values[outside], values[values.size() - 1 - outside]});
  }
  return intervals;
}

}  // namespace espalier
