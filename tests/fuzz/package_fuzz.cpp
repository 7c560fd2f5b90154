// Packages: the file as it is, and with its hashes repaired, so that damage reaches what stands behind them.
#include <cstring>

#include "fuzz/target.h"
#include "package/container.h"
#include "package/package.h"

namespace espalier {
namespace {

// The sections that the table names, as far as they lie in the file; nothing where there is no table.
std::vector<package::Section> sections_of(Bytes file) {
  constexpr size_t kHeaderSize = 16;
  constexpr size_t kEntrySize = 48;
  std::vector<package::Section> sections;
  for (size_t at = kHeaderSize; at + kEntrySize <= file.size() && sections.size() < 8; at += kEntrySize) {
    uint32_t kind = 0;
    uint64_t place[2] = {};
    std::memcpy(&kind, file.data() + at, sizeof kind);
    std::memcpy(place, file.data() + at + 8, sizeof place);
    if (kind == 0 || kind > 8 || place[0] > file.size() || place[1] > file.size() - place[0]) break;
    sections.push_back({static_cast<package::SectionKind>(kind), file.subspan(place[0], place[1])});
  }
  return sections;
}

void parse(const std::vector<uint8_t>& bytes) {
  const auto owner = std::make_shared<const std::vector<uint8_t>>(bytes);
  const Result<package::Package> package = package::parse(*owner, owner, "fuzz");
  if (package.ok()) require(package::check_hashes(*owner).ok());
}

}  // namespace
}  // namespace espalier

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  espalier::parse({data, data + size});
  espalier::parse(espalier::package::write_container(espalier::sections_of({data, size})));
  return 0;
}
