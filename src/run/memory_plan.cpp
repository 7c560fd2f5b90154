// Greedy placement by size (run/memory_plan.h).
#include "run/memory_plan.h"

#include <algorithm>
#include <numeric>

namespace espalier::run {
namespace {

constexpr int64_t kAlignment = 64;

int64_t aligned(int64_t size) { return (size + kAlignment - 1) / kAlignment * kAlignment; }

bool meet(const LiveRange& a, const LiveRange& b) { return a.first <= b.last && b.first <= a.last; }

}  // namespace

MemoryPlan plan_memory(const std::vector<LiveRange>& ranges) {
  std::vector<size_t> order(ranges.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return ranges[a].size_bytes > ranges[b].size_bytes; });

  MemoryPlan plan{.offsets = std::vector<int64_t>(ranges.size(), 0), .size_bytes = 0};
  std::vector<size_t> placed;  // by offset
  for (const size_t index : order) {
    const int64_t size = aligned(ranges[index].size_bytes);
    int64_t offset = 0;
    for (const size_t other : placed) {
      if (!meet(ranges[index], ranges[other])) continue;
      if (offset + size <= plan.offsets[other]) break;
      offset = std::max(offset, plan.offsets[other] + aligned(ranges[other].size_bytes));
    }
    plan.offsets[index] = offset;
    plan.size_bytes = std::max(plan.size_bytes, offset + size);
    const auto position = std::upper_bound(placed.begin(), placed.end(), offset,
                                           [&](int64_t value, size_t other) { return value < plan.offsets[other]; });
    placed.insert(position, index);
  }
  return plan;
}

}  // namespace espalier::run
