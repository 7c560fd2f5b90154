// How much memory this machine has: the bound for what a network may ask for.
#pragma once

#include <cstdint>

namespace espalier {

// The physical memory, or the largest int64_t where the system does not say.
int64_t physical_memory_size_bytes();

}  // namespace espalier
