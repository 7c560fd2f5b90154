// A fork-join pool: one range is split into equal parts, one per thread, always the same way. Threads that wait look
// for work for some microseconds before they sleep: a network is hundreds of short steps, and a wake-up costs as much
// as one. Where there are more threads than processors, who looks would only keep another from working: they sleep.
#pragma once

#include <atomic>
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
  template <class Condition>
  bool look_for(Condition condition) const;
  void wait_for_generation_after(uint64_t seen);
  void wait_until_finished();

  const std::function<void(int)>* work_ = nullptr;  // published by generation_
  bool stopping_ = false;                           // the same
  std::atomic<uint64_t> generation_ = 0;
  std::atomic<int> running_count_ = 0;

  // For those who have looked long enough. A sleeper counts itself before it looks for the last time, and who brings
  // news looks at the count after that, so that one of the two sees the other.
  std::mutex mutex_;
  std::condition_variable started_;
  std::condition_variable finished_;
  std::atomic<int> sleeper_count_ = 0;
  std::atomic<bool> caller_sleeps_ = false;
  const int look_count_;
  std::vector<std::thread> workers_;
};

}  // namespace espalier
