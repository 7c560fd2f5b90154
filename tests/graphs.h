// Graphs for tests from their text form.
#pragma once

#include <string>

#include "base/check.h"
#include "graph/text.h"
#include "graph/verify.h"
#include "ops/op.h"

namespace espalier {

// The graph of a text that must parse.
inline Graph graph_of(const std::string& text) {
  Result<Graph> graph = parse_graph(text, ops::op_lookup());
  CHECK(graph.ok(), "{}", graph.error().message());
  return std::move(graph).value();
}

// The sentence with which a text is refused, by the parser or by the invariants; empty for a valid one.
inline std::string refusal(const std::string& text) {
  const Result<Graph> graph = parse_graph(text, ops::op_lookup());
  if (!graph.ok()) return graph.error().message();
  const Status valid = verify_graph(*graph, ops::op_lookup());
  return valid.ok() ? "" : valid.error().message();
}

inline std::string text_of(const Graph& graph) { return print_graph(graph, ops::op_lookup()); }

// The first value of that name.
inline Value* value_of(const Graph& graph, const std::string& name) {
  for (Value* value : graph.values())
    if (value->name == name) return value;
  CHECK(false, "no value {}", name);
  return nullptr;
}

}  // namespace espalier
