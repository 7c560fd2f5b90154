// The fork-join pool of base/thread_pool.h: a generation counter starts the workers, a count tells when they are done.
#include "base/thread_pool.h"

#include <algorithm>
#include <system_error>

#include "base/check.h"

namespace espalier {
namespace {

// About 30 us at 40 cycles per pause; a sleeping thread needs 20 to 60 us until it runs.
constexpr int kLookCount = 2000;

void pause_briefly() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

Range part_of(int64_t count, int part_count, int index) {
  const int64_t size = count / part_count;
  const int64_t larger = count % part_count;
  const int64_t begin = index * size + std::min<int64_t>(index, larger);
  return {begin, begin + size + (index < larger ? 1 : 0)};
}

ThreadPool::ThreadPool(int thread_count)
    : look_count_(thread_count <= static_cast<int>(std::thread::hardware_concurrency()) ? kLookCount : 0) {
  CHECK(thread_count >= 1);
  try {
    for (int index = 1; index < thread_count; ++index)
      workers_.emplace_back([this, index] { work_until_stopped(index); });
  } catch (const std::system_error&) {
    // The system gives no more; thread_count() says how many there are.
  }
}

ThreadPool::~ThreadPool() {
  stopping_ = true;
  ++generation_;
  {
    const std::lock_guard lock(mutex_);
  }
  started_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::run(const std::function<void(int)>& work) {
  if (workers_.empty()) return work(0);
  work_ = &work;
  running_count_ = static_cast<int>(workers_.size());
  ++generation_;
  if (sleeper_count_ > 0) {
    // Through the lock, so that nobody is between its last look and its sleep.
    {
      const std::lock_guard lock(mutex_);
    }
    started_.notify_all();
  }
  work(0);
  wait_until_finished();
}

// Whether it came true while we looked.
template <class Condition>
bool ThreadPool::look_for(Condition condition) const {
  for (int i = 0; i < look_count_; ++i) {
    if (condition()) return true;
    pause_briefly();
  }
  return condition();
}

void ThreadPool::wait_until_finished() {
  const auto is_finished = [this] { return running_count_ == 0; };
  if (look_for(is_finished)) return;
  std::unique_lock lock(mutex_);
  // An exchange and no store: qemu-user 7.2 lets the look at running_count_ pass a store of AArch64, against the rules of
  // the language and of the processor, and then the caller sleeps for ever (once in 500,000 runs).
  caller_sleeps_.exchange(true);
  finished_.wait(lock, is_finished);
  caller_sleeps_ = false;
}

void ThreadPool::wait_for_generation_after(uint64_t seen) {
  const auto is_started = [&] { return generation_ != seen; };
  if (look_for(is_started)) return;
  std::unique_lock lock(mutex_);
  ++sleeper_count_;
  started_.wait(lock, is_started);
  --sleeper_count_;
}

void ThreadPool::work_until_stopped(int index) {
  for (uint64_t seen = 0;; ++seen) {
    wait_for_generation_after(seen);
    if (stopping_) return;
    (*work_)(index);
    if (--running_count_ > 0 || !caller_sleeps_) continue;
    {
      const std::lock_guard lock(mutex_);
    }
    finished_.notify_one();
  }
}

}  // namespace espalier
