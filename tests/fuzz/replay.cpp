// Runs a fuzz target on every file of the folders that are given: a corpus as a test, with any compiler.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "fuzz/target.h"

int main(int argument_count, char** arguments) {
  int file_count = 0;
  for (int i = 1; i < argument_count; ++i)
    for (const auto& entry : std::filesystem::recursive_directory_iterator(arguments[i])) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
      std::printf("%s\n", entry.path().c_str());
      std::fflush(stdout);
      // A copy of its own on the heap, so that a sanitizer sees a read beyond the last byte.
      const std::vector<uint8_t> copy(bytes.begin(), bytes.end());
      LLVMFuzzerTestOneInput(copy.data(), copy.size());
      // Cut short and with one bit flipped, a file is the most common damage.
      for (size_t cut = 0; cut < copy.size(); cut += copy.size() / 16 + 1) {
        const std::vector<uint8_t> part(copy.begin(), copy.begin() + static_cast<std::ptrdiff_t>(cut));
        LLVMFuzzerTestOneInput(part.data(), part.size());
        std::vector<uint8_t> flipped = copy;
        flipped[cut] ^= 0x10;
        LLVMFuzzerTestOneInput(flipped.data(), flipped.size());
      }
      ++file_count;
    }
  std::printf("%d files\n", file_count);
  return file_count > 0 ? 0 : 1;
}
