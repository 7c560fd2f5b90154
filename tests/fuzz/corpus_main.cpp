// Runs a fuzz target on every file of a folder and on damaged copies of it: the corpora as an ordinary test, without
// libFuzzer.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

void run_with_damage(const std::vector<uint8_t>& bytes) {
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  // Cut short and with one bit flipped, a file has the most common damage.
  for (size_t cut = 0; cut < bytes.size(); cut += bytes.size() / 16 + 1) {
    const std::vector<uint8_t> part(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(cut));
    LLVMFuzzerTestOneInput(part.data(), part.size());
    std::vector<uint8_t> flipped = bytes;
    flipped[cut] ^= 0x10;
    LLVMFuzzerTestOneInput(flipped.data(), flipped.size());
  }
}

}  // namespace

int main(int argument_count, char** argument_values) {
  std::vector<std::filesystem::path> paths;
  for (int i = 1; i < argument_count; ++i) {
    const std::filesystem::path argument(argument_values[i]);
    if (std::filesystem::is_regular_file(argument)) paths.push_back(argument);
    if (!std::filesystem::is_directory(argument)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argument))
      if (entry.is_regular_file()) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  for (const std::filesystem::path& path : paths) {
    std::printf("%s\n", path.filename().c_str());
    std::fflush(stdout);  // so that the last line before a crash names the file
    std::ifstream file(path, std::ios::binary);
    const std::vector<char> read((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    run_with_damage({read.begin(), read.end()});
  }
  std::printf("%zu files\n", paths.size());
  return paths.empty() ? 1 : 0;
}
