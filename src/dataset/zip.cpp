// Reads and writes the three records of a zip archive (APPNOTE.TXT 4.3): local header, central header, end record.
//
//   [local header, name, extra, data] ... [central header, name, extra, comment] ... [end record, comment]
#include "dataset/zip.h"

#include <zlib.h>

#include <algorithm>

namespace espalier {
namespace {

constexpr uint32_t kLocalSignature = 0x04034b50;
constexpr uint32_t kCentralSignature = 0x02014b50;
constexpr uint32_t kEndSignature = 0x06054b50;
constexpr uint64_t kEndSize = 22;
constexpr uint64_t kCommentSizeMax = 65535;
constexpr uint32_t kIsZip64 = 0xFFFFFFFF;
constexpr uint16_t kStored = 0;
constexpr uint16_t kDeflated = 8;
constexpr uint16_t kEncryptedFlag = 1;
constexpr uint16_t kDate1980 = (1 << 5) | 1;  // year 0 = 1980, month 1, day 1
// Deflate cannot shrink by more than this, so a larger claimed size is a lie and is refused before it is allocated.
constexpr uint64_t kDeflateRatioMax = 1032;

struct End {
  uint16_t member_count = 0;
  uint32_t directory_offset = 0;
};

struct Central {
  std::string name;
  uint16_t flags = 0;
  uint16_t method = 0;
  uint32_t crc = 0;
  uint32_t packed_size = 0;
  uint32_t size = 0;
  uint32_t local_offset = 0;
};

// The end record is the last one whose comment reaches exactly to the end of the file.
Result<End> find_end(Bytes file) {
  if (file.size() < kEndSize)
    return error("is no zip archive: it has {} bytes, the smallest has {}", file.size(), kEndSize);
  const uint64_t last = file.size() - kEndSize;
  const uint64_t first = last > kCommentSizeMax ? last - kCommentSizeMax : 0;
  for (uint64_t at = last + 1; at-- > first;) {
    ByteReader reader(file.subspan(at));
    if (TRY(reader.read<uint32_t>()) != kEndSignature) continue;
    const uint16_t disk = TRY(reader.read<uint16_t>());
    const uint16_t directory_disk = TRY(reader.read<uint16_t>());
    const uint16_t count_here = TRY(reader.read<uint16_t>());
    const uint16_t count = TRY(reader.read<uint16_t>());
    TRY_STATUS(reader.skip(4));  // size of the directory; its records say the same
    const uint32_t offset = TRY(reader.read<uint32_t>());
    const uint16_t comment_size = TRY(reader.read<uint16_t>());
    if (comment_size != reader.remaining()) continue;
    if (count == 0xFFFF || offset == kIsZip64)
      return error("is a zip64 archive (4 GiB or more), which is not read; save it as several smaller files");
    if (disk != 0 || directory_disk != 0 || count_here != count)
      return error("is one part of a split zip archive; join it first");
    return End{count, offset};
  }
  return error("is no zip archive, or its end is missing: no end record was found");
}

Result<Central> read_central(ByteReader& reader) {
  Central member;
  if (TRY(reader.read<uint32_t>()) != kCentralSignature)
    return error("damaged zip directory: no member header before offset {}", reader.position());
  TRY_STATUS(reader.skip(4));  // versions
  member.flags = TRY(reader.read<uint16_t>());
  member.method = TRY(reader.read<uint16_t>());
  TRY_STATUS(reader.skip(4));  // time and date
  member.crc = TRY(reader.read<uint32_t>());
  member.packed_size = TRY(reader.read<uint32_t>());
  member.size = TRY(reader.read<uint32_t>());
  const uint16_t name_size = TRY(reader.read<uint16_t>());
  const uint16_t extra_size = TRY(reader.read<uint16_t>());
  const uint16_t comment_size = TRY(reader.read<uint16_t>());
  TRY_STATUS(reader.skip(8));  // disk, attributes
  member.local_offset = TRY(reader.read<uint32_t>());
  const Bytes name = TRY(reader.take(name_size));
  member.name.assign(name.begin(), name.end());
  TRY_STATUS(reader.skip(uint64_t{extra_size} + comment_size));
  return member;
}

// The member's data as it lies in the file. The local header's own sizes may be zero, so the central ones count.
Result<Bytes> find_data(Bytes file, const Central& member) {
  ByteReader reader(file);
  TRY_STATUS(reader.skip(member.local_offset));
  if (TRY(reader.read<uint32_t>()) != kLocalSignature) return error("no header at offset {}", member.local_offset);
  TRY_STATUS(reader.skip(22));
  const uint16_t name_size = TRY(reader.read<uint16_t>());
  const uint16_t extra_size = TRY(reader.read<uint16_t>());
  TRY_STATUS(reader.skip(uint64_t{name_size} + extra_size));
  return reader.take(member.packed_size);
}

// Raw deflate data of a known size. False when it is damaged or has another size.
bool inflate_exactly(Bytes packed, std::vector<uint8_t>& bytes) {
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return false;
  uint8_t nothing = 0;  // zlib wants an address even for no bytes
  stream.next_in = const_cast<uint8_t*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = bytes.empty() ? &nothing : bytes.data();
  stream.avail_out = static_cast<uInt>(bytes.size());
  const int answer = inflate(&stream, Z_FINISH);
  const bool complete = answer == Z_STREAM_END && stream.avail_out == 0;
  inflateEnd(&stream);
  return complete;
}

Result<std::vector<uint8_t>> unpack(Bytes packed, const Central& member) {
  if (member.method == kStored) {
    if (member.size != member.packed_size)
      return error("is stored, yet its sizes differ: {} and {} bytes", member.packed_size, member.size);
    return std::vector<uint8_t>(packed.begin(), packed.end());
  }
  if (member.method != kDeflated)
    return error("is compressed by method {}; stored (0) and deflated (8) are read", member.method);
  if (member.size > kDeflateRatioMax * (uint64_t{member.packed_size} + 1))
    return error("cannot have {} bytes: {} packed bytes give fewer", member.size, member.packed_size);
  std::vector<uint8_t> bytes(member.size);
  if (!inflate_exactly(packed, bytes)) return error("its compressed data is damaged");
  return bytes;
}

uint32_t crc_of(Bytes bytes) {
  // crc32 counts in 32 bits; a member is smaller than 4 GiB.
  return static_cast<uint32_t>(crc32(0, bytes.data(), static_cast<uInt>(bytes.size())));
}

Result<std::vector<uint8_t>> read_member(Bytes file, const Central& member) {
  if (member.flags & kEncryptedFlag) return error("is encrypted");
  if (member.size == kIsZip64 || member.packed_size == kIsZip64 || member.local_offset == kIsZip64)
    return error("has 4 GiB or more (zip64), which is not read; save it as several smaller files");
  const Bytes packed = TRY(find_data(file, member));
  std::vector<uint8_t> bytes = TRY(unpack(packed, member));
  if (crc_of(bytes) != member.crc)
    return error("its CRC-32 is {:08x}, the archive says {:08x}; the file is damaged", crc_of(bytes), member.crc);
  return bytes;
}

class Writer {
 public:
  void u16(uint64_t value) { number(value, 2); }
  void u32(uint64_t value) { number(value, 4); }
  void raw(Bytes data) { bytes.insert(bytes.end(), data.begin(), data.end()); }

  std::vector<uint8_t> bytes;

 private:
  void number(uint64_t value, int size) {
    for (int i = 0; i < size; ++i) bytes.push_back(static_cast<uint8_t>(value >> (8 * i)));
  }
};

// The fields that the local and the central header share, from "version needed" to "extra size".
void write_common(Writer& out, const ZipMember& member) {
  out.u16(20);  // version needed: 2.0
  out.u16(0);   // flags
  out.u16(kStored);
  out.u16(0);  // time
  out.u16(kDate1980);
  out.u32(crc_of(member.bytes));
  out.u32(member.bytes.size());
  out.u32(member.bytes.size());
  out.u16(member.name.size());
  out.u16(0);  // extra
}

}  // namespace

Result<std::vector<ZipMember>> read_zip(Bytes file) {
  const End end = TRY(find_end(file));
  ByteReader directory(file);
  if (!directory.skip(end.directory_offset).ok())
    return error("damaged zip archive: its directory should be at offset {} of {} bytes", end.directory_offset,
                 file.size());
  std::vector<ZipMember> members;
  // Members may not claim the same bytes twice over: all together they have at most the size of the file, packed.
  uint64_t packed_total = 0;
  for (int index = 0; index < end.member_count; ++index) {
    const Central central = TRY(read_central(directory));
    packed_total += central.packed_size;
    if (packed_total > file.size()) return error("damaged zip archive: its members overlap");
    Result<std::vector<uint8_t>> bytes = read_member(file, central);
    if (!bytes.ok()) return bytes.error().at(fmt::format("member \"{}\"", central.name));
    members.push_back({central.name, std::move(*bytes)});
  }
  return members;
}

Result<std::vector<uint8_t>> write_zip(const std::vector<ZipMember>& members) {
  if (members.size() >= 0xFFFF)
    return error("{} members are too many for a zip archive, at most 65534 fit", members.size());
  uint64_t size = 0;
  for (const ZipMember& member : members) size += member.bytes.size() + 2 * (member.name.size() + 64);
  if (size >= kIsZip64) return error("{} bytes are too many for a zip archive (4 GiB); write several files", size);

  Writer out;
  Writer directory;
  for (const ZipMember& member : members) {
    directory.u32(kCentralSignature);
    directory.u16(20);  // version made by: 2.0, no system
    write_common(directory, member);
    directory.u16(0);  // comment
    directory.u16(0);  // disk
    directory.u16(0);  // attributes, inside and outside
    directory.u32(0);
    directory.u32(out.bytes.size());
    directory.raw(bytes_of(member.name));
    out.u32(kLocalSignature);
    write_common(out, member);
    out.raw(bytes_of(member.name));
    out.raw(member.bytes);
  }
  const uint64_t directory_offset = out.bytes.size();
  out.raw(directory.bytes);
  out.u32(kEndSignature);
  out.u16(0);
  out.u16(0);
  out.u16(members.size());
  out.u16(members.size());
  out.u32(directory.bytes.size());
  out.u32(directory_offset);
  out.u16(0);
  return out.bytes;
}

}  // namespace espalier
