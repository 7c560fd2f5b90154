// The size of the physical memory from the system (base/memory.h).
#include "base/memory.h"

#include <unistd.h>

#include <limits>

namespace espalier {

int64_t physical_memory_size_bytes() {
  const int64_t pages = ::sysconf(_SC_PHYS_PAGES);
  const int64_t page_size_bytes = ::sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page_size_bytes <= 0) return std::numeric_limits<int64_t>::max();
  return pages * page_size_bytes;
}

}  // namespace espalier
