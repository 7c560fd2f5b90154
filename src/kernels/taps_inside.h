// Which taps of a window lie inside the map along one dimension. Internal linkage, for loops of any instruction set.
#pragma once

#include <cstdint>

namespace espalier::kernels {
namespace {

struct TapRange {
  int64_t begin = 0;
  int64_t end = 0;
};

// Taps lie at start, start + dilation, ...; inside are those in [0, extent).
inline TapRange taps_inside(int64_t start, int64_t dilation, int64_t count, int64_t extent) {
  TapRange range{.begin = 0, .end = count};
  while (range.begin < count && start + range.begin * dilation < 0) ++range.begin;
  while (range.end > range.begin && start + (range.end - 1) * dilation >= extent) --range.end;
  return range;
}

}  // namespace
}  // namespace espalier::kernels
