// A fork-join pool: one range is split into equal parts, one per thread, always the same way.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace espalier {

// Part `index` of `part_count` of [0, count): sizes differ by at most one, larger parts first.
struct Range {
  int64_t begin = 0;
  int64_t end = 0;
};
Range part_of(int64_t count, int part_count, int index);

// Thread rule: one caller at a time.
class ThreadPool {
 public:
  // The caller is thread 0; `thread_count - 1` workers are started. Requires: thread_count >= 1.
  explicit ThreadPool(int thread_count);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int thread_count() const { return static_cast<int>(workers_.size()) + 1; }

  // Calls work(thread index) once on every thread and returns when all are done.
  void run(const std::function<void(int)>& work);

 private:
  void work_until_stopped(int index);

  std::mutex mutex_;
  std::condition_variable started_;
  std::condition_variable finished_;
  const std::function<void(int)>* work_ = nullptr;
  uint64_t generation_ = 0;
  int running_count_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace espalier
