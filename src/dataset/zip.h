// Zip archives as .npz files use them: members stored or deflated, found through the central directory.
// No zip64 (archives from 4 GiB on), no encryption, no archives in several parts.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"

namespace espalier {

struct ZipMember {
  std::string name;
  std::vector<uint8_t> bytes;
};

// All members in the order of the central directory. Sizes and CRC-32 of every member are checked.
Result<std::vector<ZipMember>> read_zip(Bytes file);

// The archive with every member stored, in the given order. Equal members give equal bytes: all times are 1980-01-01.
Result<std::vector<uint8_t>> write_zip(const std::vector<ZipMember>& members);

}  // namespace espalier
