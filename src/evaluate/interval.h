// Seeded bootstrap intervals: how far a figure could lie elsewhere with other pictures of the same kind.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace espalier {

struct Interval {
  double low = 0;
  double high = 0;
};

struct BootstrapOptions {
  int64_t resample_count = 200;
  uint64_t seed = 1;
  int64_t group_size = 1;  // so many samples in a row, views of one picture, are drawn together
};

// Figures of the samples, sample i counted weights[i] times; always as many of them. A difference between two runs over
// the same samples is such a figure too: drawing the samples together makes it a paired one.
using WeightedFigures = std::function<std::vector<double>(std::span<const int32_t> weights)>;

// 95 % percentile intervals, one per figure: groups of samples are drawn with replacement, as many as there are.
// The same arguments give the same intervals on every machine.
// Requires: sample_count >= 1 and a multiple of group_size, resample_count >= 1, figures are finite.
std::vector<Interval> bootstrap_intervals(int64_t sample_count, const BootstrapOptions& options,
                                          const WeightedFigures& figures);

}  // namespace espalier
