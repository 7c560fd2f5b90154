// Splits are equal and fixed; every thread is called once per run.
#include "base/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>

namespace espalier {
namespace {

TEST(thread_pool, parts_cover_the_range_once) {
  for (const int64_t count : {0, 1, 2, 3, 7, 16, 127})
    for (const int parts : {1, 2, 3, 4, 8}) {
      int64_t next = 0;
      for (int index = 0; index < parts; ++index) {
        const Range part = part_of(count, parts, index);
        EXPECT_EQ(part.begin, next);
        EXPECT_LE(part.end - part.begin, count / parts + 1);
        next = part.end;
      }
      EXPECT_EQ(next, count);
    }
}

TEST(thread_pool, every_thread_is_called_once_per_run) {
  ThreadPool pool(3);
  std::array<std::atomic<int>, 3> calls{};
  for (int run = 0; run < 100; ++run) pool.run([&](int index) { ++calls[static_cast<size_t>(index)]; });
  for (const auto& count : calls) EXPECT_EQ(count.load(), 100);
}

}  // namespace
}  // namespace espalier
