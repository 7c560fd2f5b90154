// What is known of a network's values after it has run on calibration samples: counts per bucket of real values.
// Integer counts do not depend on the order of samples or on the machine.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace espalier {

// A histogram with a bucket for each pattern of the upper 16 bits of a float32: sign, exponent and seven bits of the
// mantissa, so that a bucket is at most 1/128 of its value wide, whatever the range.
class ValueStatistics {
 public:
  void add(const float* values, int64_t count);

  int64_t count() const { return count_; }  // without NaN
  int64_t nan_count() const { return nan_count_; }
  float min() const { return min_; }
  float max() const { return max_; }
  double mean() const;
  double deviation() const;  // square root of the mean square distance from the mean

  // The value below which the given share of all elements lies, 0 <= share <= 1, exact to a bucket's width.
  float quantile(double share) const;

  // Calls visit(value in the middle of the bucket, count) for every bucket that holds something, ascending.
  template <class Visit>
  void for_each_bucket(Visit visit) const {
    for (int32_t order = 0; order < kBucketCount; ++order)
      if (counts_.size() && counts_[static_cast<size_t>(bucket_at(order))] != 0)
        visit(middle(bucket_at(order)), counts_[static_cast<size_t>(bucket_at(order))]);
  }

 private:
  static constexpr int32_t kBucketCount = 65536;
  // The bucket at a place of the ascending order: negative values come first, from the largest magnitude.
  static int32_t bucket_at(int32_t order) { return order < 32768 ? 65535 - order : order - 32768; }
  static float middle(int32_t bucket);

  int64_t count_ = 0;
  int64_t nan_count_ = 0;
  float min_ = 0;
  float max_ = 0;
  std::vector<uint64_t> counts_;  // empty until the first element
};

// By the name of the value.
using Statistics = std::map<std::string, ValueStatistics>;

}  // namespace espalier
