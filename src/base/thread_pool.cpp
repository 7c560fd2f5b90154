// The fork-join pool of base/thread_pool.h: a generation counter wakes the workers, a count tells when they are done.
#include "base/thread_pool.h"

#include <algorithm>
#include <system_error>

#include "base/check.h"

namespace espalier {

Range part_of(int64_t count, int part_count, int index) {
  const int64_t size = count / part_count;
  const int64_t larger = count % part_count;
  const int64_t begin = index * size + std::min<int64_t>(index, larger);
  return {begin, begin + size + (index < larger ? 1 : 0)};
}

ThreadPool::ThreadPool(int thread_count) {
  CHECK(thread_count >= 1);
  try {
    for (int index = 1; index < thread_count; ++index)
      workers_.emplace_back([this, index] { work_until_stopped(index); });
  } catch (const std::system_error&) {
    // The system gives no more; thread_count() says how many there are.
  }
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  started_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::run(const std::function<void(int)>& work) {
  if (workers_.empty()) return work(0);
  {
    const std::lock_guard lock(mutex_);
    work_ = &work;
    running_count_ = static_cast<int>(workers_.size());
    ++generation_;
  }
  started_.notify_all();
  work(0);
  std::unique_lock lock(mutex_);
  finished_.wait(lock, [this] { return running_count_ == 0; });
}

void ThreadPool::work_until_stopped(int index) {
  uint64_t seen = 0;
  while (true) {
    const std::function<void(int)>* work = nullptr;
    {
      std::unique_lock lock(mutex_);
      started_.wait(lock, [&] { return stopping_ || generation_ != seen; });
      if (stopping_) return;
      seen = generation_;
      work = work_;
    }
    (*work)(index);
    const std::lock_guard lock(mutex_);
    if (--running_count_ == 0) finished_.notify_one();
  }
}

}  // namespace espalier
