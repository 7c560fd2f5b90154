// Splits are equal and fixed; every thread is called once per run.
#include "base/thread_pool.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <thread>

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

// Pauses longer than the pool looks for work put workers to sleep; slow parts put the caller to sleep.
TEST(thread_pool, sleepers_are_woken) {
  ThreadPool pool(2);
  std::atomic<int> calls = 0;
  for (int run = 0; run < 20; ++run) {
    if (run % 2 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    pool.run([&](int index) {
      if (index == 1 && run % 4 < 2) std::this_thread::sleep_for(std::chrono::milliseconds(2));
      ++calls;
    });
  }
  EXPECT_EQ(calls, 40);
}

TEST(thread_pool, many_short_runs_lose_none) {
  ThreadPool pool(2);
  std::atomic<int> calls = 0;
  for (int run = 0; run < 5'000; ++run) pool.run([&](int) { ++calls; });
  EXPECT_EQ(calls, 10'000);
}

// Nobody looks for work here: every run puts the caller to sleep while the last worker finishes.
TEST(thread_pool, more_threads_than_processors_lose_no_run) {
  const int thread_count = static_cast<int>(std::thread::hardware_concurrency()) + 1;
  ThreadPool pool(thread_count);
  std::atomic<int> calls = 0;
  for (int run = 0; run < 5'000; ++run) pool.run([&](int) { ++calls; });
  EXPECT_EQ(calls, 5'000 * pool.thread_count());
}

TEST(thread_pool, a_pool_may_end_at_any_moment) {
  for (int run = 0; run < 100; ++run) {
    ThreadPool pool(3);
    if (run % 2 == 0) pool.run([](int) {});
    if (run % 10 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace
}  // namespace espalier
