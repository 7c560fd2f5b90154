// Where each tensor lies in one arena, so that tensors that live at the same time never overlap.
#pragma once

#include <cstdint>
#include <vector>

namespace espalier::run {

// A tensor is alive from step `first` to step `last`, both included.
struct LiveRange {
  int64_t size_bytes = 0;
  int64_t first = 0;
  int64_t last = 0;
};

struct MemoryPlan {
  std::vector<int64_t> offsets;  // one per range, multiples of 64
  int64_t size_bytes = 0;
};

// Largest first, each at the lowest offset where it fits between those it meets in time.
// Source: Pisarchyk and Lee 2020, "greedy by size", within a few percent of the optimum on vision networks.
MemoryPlan plan_memory(const std::vector<LiveRange>& ranges);

}  // namespace espalier::run
