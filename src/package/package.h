// The file we ship: an integer (or float) graph with all that is needed to run and to check it.
//
//   offset 0    "ESPALIER", format_version u32, section_count u32            16 bytes
//   offset 16   section table: kind u32, reserved u32, offset u64, size u64,
//               XXH3-64 u64, XXH3-128 2 x u64                                48 bytes a section
//   then        XXH3-64 of all bytes before it                               8 bytes
//   then        the sections, each at a multiple of 64, gaps are zero
//
// Sections are FlatBuffers (package.fbs) except the constants, which are raw and 64-byte aligned for mapping. All
// numbers are little-endian. Nothing depends on time, path, machine or thread count: the same input gives the same
// bytes.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "espalier/vision.h"
#include "graph/graph.h"

namespace espalier::package {

inline constexpr uint32_t kFormatVersion = 1;

using Hash128 = std::array<uint8_t, 16>;
Hash128 hash128(Bytes bytes);

// What every node makes of one input.
struct Golden {
  std::vector<Tensor> inputs;          // one per input port, in the value's type and layout
  std::vector<Hash128> output_hashes;  // one per node in running order
};

struct Package {
  Graph graph;
  std::string producer;
  Hash128 model_hash{};
  Hash128 calibration_hash{};
  std::optional<Recipe> recipe;
  std::vector<std::string> labels;
  std::vector<std::string> disabled_passes;  // of simplify
  Hash128 float_graph_hash{};                // of the simplified float graph as text
  std::optional<Golden> golden;
  std::vector<std::string> notes;         // of the reader of a model; not stored
  std::vector<Hash128> constants_hashes;  // one per node; filled by load
};

std::vector<uint8_t> serialize(const Package& package);

// Checks structure, bounds, the invariants of the graph and an XXH3-64 per section. Constants point into the mapped
// file. `name` stands in front of errors.
Result<Package> load(const std::string& path);
Result<Package> parse(Bytes bytes, std::shared_ptr<const void> owner, const std::string& name);

// Every section's XXH3-128 and every layer's constants against the stored hashes; what differs, as sentences.
Result<std::vector<std::string>> check_hashes(Bytes bytes);

// XXH3-128 over the node's constants in order.
Hash128 hash_constants(const Node& node);

// Whether the bytes begin like a package.
bool is_package(Bytes bytes);

}  // namespace espalier::package
