// The frame of a package file: header, section table, hashes (drawn in package.h). Knows nothing of what sections hold.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace espalier::package {

enum class SectionKind : uint32_t { description = 1, graph = 2, constants = 3, golden = 4 };

struct Section {
  SectionKind kind;
  Bytes bytes;
};

std::vector<uint8_t> write_container(const std::vector<Section>& sections);

// Sections with bounds, gaps and XXH3-64 checked.
Result<std::vector<Section>> read_container(Bytes bytes);

// Which sections differ from their XXH3-128, as sentences. Requires: read_container accepts the bytes.
std::vector<std::string> sections_that_differ(Bytes bytes);

}  // namespace espalier::package
