// Seeded bootstrap intervals: how far a figure could lie elsewhere with other pictures of the same kind.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

namespace espalier {

struct Interval {
  double low = 0;
  double high = 0;
};

struct BootstrapOptions {
  int64_t resample_count = 200;
  uint64_t seed = 1;
};

// A figure of the samples, sample i counted weights[i] times. A difference between two runs over the same samples is
// such a figure too: drawing the samples together makes it a paired one.
using WeightedFigure = std::function<double(std::span<const int32_t> weights)>;

// 95 % percentile interval: samples are drawn with replacement, as many as there are. Figures are finite.
// The same arguments give the same interval on every machine. Requires: sample_count >= 1, resample_count >= 1.
Interval bootstrap_interval(int64_t sample_count, const BootstrapOptions& options, const WeightedFigure& figure);

}  // namespace espalier
