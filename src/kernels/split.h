// How the threads of a call share the outputs of a kernel.
#pragma once

#include <algorithm>

#include "base/thread_pool.h"
#include "kernels/call.h"

namespace espalier::kernels {

struct Share {
  Range rows;
  Range columns;
};

// Work of rows x columns equal parts, split along the side that gives the smaller largest share; rows on a tie.
inline Share share_of(int64_t row_count, int64_t column_count, const Call& call) {
  const auto largest_share = [&](int64_t count, int64_t other) {
    return (count + call.thread_count - 1) / call.thread_count * other;
  };
  if (largest_share(row_count, column_count) <= largest_share(column_count, row_count))
    return {.rows = part_of(row_count, call.thread_count, call.thread_index), .columns = {0, column_count}};
  return {.rows = {0, row_count}, .columns = part_of(column_count, call.thread_count, call.thread_index)};
}

// The thread's part of `count` elements in whole groups of 64, so that threads do not write to one cache line.
inline Range elements_of(int64_t count, const Call& call) {
  constexpr int64_t kGroup = 64;
  const Range groups = part_of((count + kGroup - 1) / kGroup, call.thread_count, call.thread_index);
  return {std::min(groups.begin * kGroup, count), std::min(groups.end * kGroup, count)};
}

}  // namespace espalier::kernels
