// Dimensions whose filled length is data: NonZero and NonMaxSuppression fill as many places of their output as they
// find, and what only takes those places on, one by one, is filled as far.
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "graph/graph.h"

namespace espalier::ops {

struct OpenLength {
  const Value* source = nullptr;  // the output of the node that decides the length
  size_t dimension = 0;           // of the value in question; places behind the length mean nothing

  bool operator==(const OpenLength&) const = default;
};

// Thread rule: one caller at a time; remembers what it found. The graph may grow between calls.
class OpenLengths {
 public:
  // An error where the value is computed from places behind the length, so that its elements mean nothing.
  Result<std::optional<OpenLength>> of(const Value* value);

 private:
  Result<std::optional<OpenLength>> behind(const Node& node);

  std::unordered_map<const Value*, std::optional<OpenLength>> known_;
};

// Of each output port. An error names the first node that computes with places behind a length.
Result<std::vector<std::optional<OpenLength>>> open_lengths_of_outputs(const Graph& graph);

// How many places of the source are filled. `data` is the source's.
int64_t filled_count(const Value& source, const int64_t* data);

}  // namespace espalier::ops
