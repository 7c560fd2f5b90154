// Memory whose last byte lies right before a page that nobody may touch: a kernel that reads or writes one byte too
// many stops the test with a segmentation fault. The bytes in front are filled with a pattern that the test checks.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

#include "base/check.h"

namespace espalier {

class GuardedBytes {
 public:
  explicit GuardedBytes(int64_t size) : size_(size) {
    const int64_t page = sysconf(_SC_PAGESIZE);
    mapped_ = (size + kFront + page - 1) / page * page + page;
    void* memory =
        mmap(nullptr, static_cast<size_t>(mapped_), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    begin_ = static_cast<char*>(memory);
    CHECK(mprotect(begin_ + mapped_ - page, static_cast<size_t>(page), PROT_NONE) == 0);
    data_ = begin_ + mapped_ - page - size;
    std::memset(begin_, kPattern, static_cast<size_t>(data_ - begin_) + static_cast<size_t>(size));
  }
  ~GuardedBytes() { munmap(begin_, static_cast<size_t>(mapped_)); }
  GuardedBytes(const GuardedBytes&) = delete;
  GuardedBytes& operator=(const GuardedBytes&) = delete;

  char* data() const { return data_; }
  int64_t size() const { return size_; }
  // Nothing was written in front of the data.
  bool front_is_untouched() const {
    for (const char* at = data_ - kFront; at < data_; ++at)
      if (*at != kPattern) return false;
    return true;
  }

 private:
  static constexpr int64_t kFront = 256;
  static constexpr char kPattern = 0x5a;

  int64_t size_ = 0;
  int64_t mapped_ = 0;
  char* begin_ = nullptr;
  char* data_ = nullptr;
};

}  // namespace espalier
