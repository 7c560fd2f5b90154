// A fuzz target is one function: any bytes go into a reader, which answers with a value or an Error and never crashes.
// libFuzzer calls it (cmake/fuzz.cmake), or replay.cpp for the files of a corpus.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace espalier {

// Stops the target when a property does not hold.
inline void require(bool property) {
  if (!property) std::abort();
}

}  // namespace espalier
