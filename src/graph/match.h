// Small patterns over a graph: either_order("mul", any("x"), op("sigmoid", {any("x")})) finds x * sigmoid(x).
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace espalier {

// What a pattern found, by the names that it was given. Inner nodes have no other reader than the pattern.
class Match {
 public:
  explicit Match(const Graph& graph) : graph_(&graph) {}
  Value* operator[](const std::string& name) const { return values_.at(name); }

 private:
  friend struct Pattern;
  const Graph* graph_;
  std::map<std::string, Value*> values_;
};

struct Pattern {
  enum class Kind { any, constant, op };
  Kind kind = Kind::any;
  std::string op;  // Kind::op only
  std::vector<Pattern> inputs;
  std::string name = {};      // a name that occurs twice must be the same value; empty: not kept
  bool either_order = false;  // of the two inputs

  // Whether `value` is the root of the pattern. The root may have any readers; values below it must have no reader
  // outside of the pattern and be no output of the graph.
  bool matches(Value* value, Match& match) const;

 private:
  bool matches_at(Value* value, Match& match, bool root) const;
  bool inputs_match(const std::vector<Value*>& values, Match& match) const;
};

Pattern any(std::string name = "");
Pattern constant(std::string name = "");
// The output of a node of this operator, named `name`. A node without a name in the pattern must have no attributes;
// who names it looks at them.
Pattern op(std::string op, std::vector<Pattern> inputs, std::string name = "");
// The same for an operator with two inputs that may stand in either order.
Pattern either_order(std::string op, Pattern a, Pattern b, std::string name = "");

// The single element of a constant f32 tensor, or nothing.
std::optional<float> scalar_of(const Value* value);
// The only node that reads the value, or nullptr when there are several, none, or it is an output of the graph.
Node* only_reader(const Graph& graph, const Value* value);

}  // namespace espalier
