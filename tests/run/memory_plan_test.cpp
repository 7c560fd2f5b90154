// plan_memory: tensors that live at the same time never overlap, offsets are aligned, and memory is shared.
#include "run/memory_plan.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "numerics/seed.h"

namespace espalier::run {
namespace {

TEST(memory_plan, tensors_alive_together_never_overlap) {
  std::mt19937_64 random = seeded_random();
  const auto between = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  for (int round = 0; round < 300; ++round) {
    std::vector<LiveRange> ranges(static_cast<size_t>(between(0, 40)));
    for (LiveRange& range : ranges) {
      range.size_bytes = between(0, 4) == 0 ? between(0, 3) : between(1, 5000);
      range.first = between(0, 30);
      range.last = range.first + between(0, round % 10);
    }
    const MemoryPlan plan = plan_memory(ranges);
    ASSERT_EQ(plan.offsets.size(), ranges.size());
    int64_t busiest = 0;
    for (int64_t step = 0; step <= 40; ++step) {
      int64_t alive = 0;
      for (const LiveRange& range : ranges)
        if (range.first <= step && step <= range.last) alive += range.size_bytes;
      busiest = std::max(busiest, alive);
    }
    EXPECT_GE(plan.size_bytes, busiest);
    for (size_t i = 0; i < ranges.size(); ++i) {
      EXPECT_EQ(plan.offsets[i] % 64, 0);
      EXPECT_GE(plan.offsets[i], 0);
      EXPECT_LE(plan.offsets[i] + ranges[i].size_bytes, plan.size_bytes);
      for (size_t k = 0; k < i; ++k) {
        if (ranges[i].first > ranges[k].last || ranges[k].first > ranges[i].last) continue;
        const bool apart = plan.offsets[i] + ranges[i].size_bytes <= plan.offsets[k] ||
                           plan.offsets[k] + ranges[k].size_bytes <= plan.offsets[i];
        EXPECT_TRUE(apart) << "ranges " << i << " and " << k << " of round " << round;
      }
    }
  }
}

TEST(memory_plan, a_chain_needs_two_neighbours) {
  std::vector<LiveRange> chain;
  for (int64_t i = 0; i < 20; ++i) chain.push_back({.size_bytes = 640, .first = i, .last = i + 1});
  EXPECT_EQ(plan_memory(chain).size_bytes, 2 * 640);
}

}  // namespace
}  // namespace espalier::run
