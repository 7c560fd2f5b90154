// Writing and checking the frame of a package file (package/container.h).
#include "package/container.h"

#include <xxhash.h>

#include <algorithm>

#include "package/package.h"

namespace espalier::package {
namespace {

constexpr char kMagic[] = {'E', 'S', 'P', 'A', 'L', 'I', 'E', 'R'};
constexpr uint64_t kHeaderSize = 16;
constexpr uint64_t kEntrySize = 48;
constexpr uint64_t kAlignment = 64;
constexpr uint32_t kSectionCountMax = 64;

uint64_t aligned(uint64_t offset) { return (offset + kAlignment - 1) / kAlignment * kAlignment; }

template <class T>
void append(std::vector<uint8_t>& bytes, const T& value) {
  const auto* raw = reinterpret_cast<const uint8_t*>(&value);
  bytes.insert(bytes.end(), raw, raw + sizeof(T));
}

struct Entry {
  uint32_t kind, reserved;
  uint64_t offset, size, hash64;
  Hash128 hash128;
};

Result<Entry> read_entry(ByteReader& reader) {
  Entry entry{};
  entry.kind = TRY(reader.read<uint32_t>());
  entry.reserved = TRY(reader.read<uint32_t>());
  entry.offset = TRY(reader.read<uint64_t>());
  entry.size = TRY(reader.read<uint64_t>());
  entry.hash64 = TRY(reader.read<uint64_t>());
  entry.hash128 = TRY(reader.read<Hash128>());
  return entry;
}

Result<std::vector<Entry>> read_table(Bytes bytes) {
  if (!is_package(bytes)) return error("this is no espalier package: it does not begin with \"ESPALIER\"");
  ByteReader reader(bytes);
  TRY_STATUS(reader.skip(sizeof(kMagic)));
  const uint32_t version = TRY(reader.read<uint32_t>());
  if (version == 0 || version > kFormatVersion)
    return error(
        "the package has format version {}, this espalier reads 1 to {}. Use the version that wrote it, or "
        "compile the model again",
        version, kFormatVersion);
  const uint32_t count = TRY(reader.read<uint32_t>());
  if (count > kSectionCountMax) return error("the package states {} sections; it is damaged", count);
  std::vector<Entry> entries;
  for (uint32_t i = 0; i < count; ++i) entries.push_back(TRY(read_entry(reader)));
  const uint64_t hashed = reader.position();
  const uint64_t stored = TRY(reader.read<uint64_t>());
  if (XXH3_64bits(bytes.data(), hashed) != stored) return error("the package's section table is damaged");
  return entries;
}

}  // namespace

Hash128 hash128(Bytes bytes) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes.data(), bytes.size()));
  Hash128 hash;
  std::copy(std::begin(canonical.digest), std::end(canonical.digest), hash.begin());
  return hash;
}

bool is_package(Bytes bytes) {
  return bytes.size() >= kHeaderSize && std::memcmp(bytes.data(), kMagic, sizeof(kMagic)) == 0;
}

std::vector<uint8_t> write_container(const std::vector<Section>& sections) {
  std::vector<uint8_t> file(std::begin(kMagic), std::end(kMagic));
  append(file, kFormatVersion);
  append(file, static_cast<uint32_t>(sections.size()));
  uint64_t offset = aligned(kHeaderSize + sections.size() * kEntrySize + sizeof(uint64_t));
  for (const Section& section : sections) {
    append(file, static_cast<uint32_t>(section.kind));
    append(file, uint32_t{0});
    append(file, offset);
    append(file, static_cast<uint64_t>(section.bytes.size()));
    append(file, static_cast<uint64_t>(XXH3_64bits(section.bytes.data(), section.bytes.size())));
    append(file, hash128(section.bytes));
    offset = aligned(offset + section.bytes.size());
  }
  append(file, static_cast<uint64_t>(XXH3_64bits(file.data(), file.size())));
  for (const Section& section : sections) {
    file.resize(aligned(file.size()), 0);
    file.insert(file.end(), section.bytes.begin(), section.bytes.end());
  }
  return file;
}

Result<std::vector<Section>> read_container(Bytes bytes) {
  const std::vector<Entry> entries = TRY(read_table(bytes));
  std::vector<Section> sections;
  uint64_t end = kHeaderSize + entries.size() * kEntrySize + sizeof(uint64_t);
  for (const Entry& entry : entries) {
    if (entry.offset != aligned(end) || !fits(entry.offset, entry.size, bytes.size()))
      return error("section {} lies at {} with {} bytes, outside of the file of {} bytes: it is cut off or damaged",
                   entry.kind, entry.offset, entry.size, bytes.size());
    const Bytes gap = bytes.subspan(end, entry.offset - end);
    if (std::any_of(gap.begin(), gap.end(), [](uint8_t byte) { return byte != 0; }))
      return error("the gap before section {} is not zero: the package is damaged", entry.kind);
    const Bytes section = bytes.subspan(entry.offset, entry.size);
    if (XXH3_64bits(section.data(), section.size()) != entry.hash64)
      return error("section {} is damaged: its hash differs", entry.kind);
    sections.push_back({static_cast<SectionKind>(entry.kind), section});
    end = entry.offset + entry.size;
  }
  if (end != bytes.size()) return error("{} bytes follow the last section: the package is damaged", bytes.size() - end);
  return sections;
}

std::vector<std::string> sections_that_differ(Bytes bytes) {
  std::vector<std::string> differing;
  const Result<std::vector<Entry>> entries = read_table(bytes);
  if (!entries.ok()) return {entries.error().message()};
  for (const Entry& entry : *entries)
    if (hash128(bytes.subspan(entry.offset, entry.size)) != entry.hash128)
      differing.push_back(fmt::format("section {}: its XXH3-128 differs", entry.kind));
  return differing;
}

}  // namespace espalier::package
