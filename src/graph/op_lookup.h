// What graph/ needs to know of operators, supplied by ops/: names of inputs and the types that a node produces.
#pragma once

#include <string>
#include <vector>

#include "graph/graph.h"

namespace espalier {

struct Signature {
  std::vector<std::string> inputs;  // in order; the last may repeat when `variadic`
  size_t required_count = 0;        // inputs that may not be left out
  bool variadic = false;
};

class OpLookup {
 public:
  virtual ~OpLookup() = default;
  // nullptr for an operator that does not exist.
  virtual const Signature* signature(const std::string& op) const = 0;
  // Types of the outputs from the inputs and attributes of a node, or why they do not fit together.
  virtual Result<std::vector<TensorType>> infer(const Node& node) const = 0;
  // Whether the integers of a node carry the scales that its meaning computes with. Requires: infer accepts the node.
  virtual Status check_scales(const Node& node) const = 0;
};

}  // namespace espalier
