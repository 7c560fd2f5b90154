// Bounds-checked reading of little-endian bytes, and files as bytes. Every parser of foreign data goes through here.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace espalier {

using Bytes = std::span<const uint8_t>;

inline Bytes bytes_of(std::string_view text) { return {reinterpret_cast<const uint8_t*>(text.data()), text.size()}; }

// True when [offset, offset + size) lies inside `total` bytes; safe for any values.
inline bool fits(uint64_t offset, uint64_t size, uint64_t total) { return offset <= total && size <= total - offset; }

// A cursor over bytes. Reading past the end is an error that names the offset.
class ByteReader {
 public:
  explicit ByteReader(Bytes bytes) : bytes_(bytes) {}

  uint64_t position() const { return position_; }
  uint64_t remaining() const { return bytes_.size() - position_; }

  Status skip(uint64_t size);
  Result<Bytes> take(uint64_t size);

  // Little-endian integer or float.
  template <class T>
  Result<T> read() {
    const Bytes raw = TRY(take(sizeof(T)));
    T value;
    std::memcpy(&value, raw.data(), sizeof(T));
    return value;
  }

 private:
  Bytes bytes_;
  uint64_t position_ = 0;
};

// Lower-case hexadecimal, two digits a byte.
std::string to_hex(Bytes bytes);

// A file mapped read-only into memory; empty files map to no bytes. Copies share the mapping.
class MappedFile {
 public:
  static Result<MappedFile> open(const std::string& path);
  Bytes bytes() const { return bytes_; }
  const std::shared_ptr<const void>& owner() const { return owner_; }

 private:
  std::shared_ptr<const void> owner_;
  Bytes bytes_;
};

// Writes beside the target and renames, so that a reader sees the old file or the whole new one, and a full disk
// loses nothing. A link is followed to its file; what is there and is no regular file is an error.
Status write_file(const std::string& path, Bytes bytes);

}  // namespace espalier
