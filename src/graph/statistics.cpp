// Histograms over bit patterns (graph/statistics.h).
#include "graph/statistics.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace espalier {

void ValueStatistics::add(const float* values, int64_t count) {
  if (count <= 0) return;
  if (counts_.empty()) {
    counts_.assign(kBucketCount, 0);
    min_ = std::numeric_limits<float>::infinity();
    max_ = -min_;
  }
  for (int64_t i = 0; i < count; ++i) {
    const float value = values[i];
    if (std::isnan(value)) {  // a NaN has no place on the line; the quantizer refuses it
      ++nan_count_;
      continue;
    }
    ++counts_[std::bit_cast<uint32_t>(value) >> 16];
    min_ = value < min_ ? value : min_;
    max_ = value > max_ ? value : max_;
    ++count_;
  }
}

float ValueStatistics::middle(int32_t bucket) {
  // Zero has a bucket that it shares with the tiniest values; it stands for zero.
  if ((bucket & 0x7fff) == 0) return 0;
  return std::bit_cast<float>(static_cast<uint32_t>(bucket) << 16 | 0x8000u);
}

double ValueStatistics::mean() const {
  double sum = 0;
  for_each_bucket([&](float value, uint64_t count) { sum += static_cast<double>(value) * static_cast<double>(count); });
  return count_ == 0 ? 0 : sum / static_cast<double>(count_);
}

double ValueStatistics::deviation() const {
  const double centre = mean();
  double sum = 0;
  for_each_bucket(
      [&](float value, uint64_t count) { sum += (value - centre) * (value - centre) * static_cast<double>(count); });
  return count_ == 0 ? 0 : std::sqrt(sum / static_cast<double>(count_));
}

float ValueStatistics::quantile(double share) const {
  const double wanted = share * static_cast<double>(count_);
  double below = 0;
  float result = max_;
  bool found = false;
  for_each_bucket([&](float value, uint64_t count) {
    below += static_cast<double>(count);
    if (!found && below >= wanted) {
      result = value;
      found = true;
    }
  });
  return std::clamp(result, min_, max_);
}

}  // namespace espalier
