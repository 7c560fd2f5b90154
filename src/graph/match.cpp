// The pattern matcher of graph/match.h: plain recursion, trying both orders where the pattern says so.
#include "graph/match.h"

namespace espalier {
bool Pattern::matches(Value* value, Match& match) const { return matches_at(value, match, true); }

bool Pattern::matches_at(Value* value, Match& match, bool root) const {
  if (value == nullptr) return false;
  const auto known = name.empty() ? match.values_.end() : match.values_.find(name);
  if (known != match.values_.end() && known->second != value) return false;
  const Match before = match;
  if (!name.empty()) match.values_[name] = value;
  if (kind == Kind::any) return true;
  if (kind == Kind::constant) {
    if (value->is_constant()) return true;
    match = before;
    return false;
  }
  const Node* node = value->producer;
  // Attributes of a node below the root that the pattern does not name would be lost with it: an activation that was
  // fused into an add, for one. A pattern that names the node looks at its attributes itself.
  const bool fits = node != nullptr && node->op == op && node->inputs.size() == inputs.size() &&
                    (node->attributes.empty() || !name.empty()) &&
                    (root || only_reader(*match.graph_, value) != nullptr);
  if (fits && inputs_match(node->inputs, match)) return true;
  if (fits && either_order) {
    match = before;
    if (!name.empty()) match.values_[name] = value;
    if (inputs_match({node->inputs[1], node->inputs[0]}, match)) return true;
  }
  match = before;
  return false;
}

bool Pattern::inputs_match(const std::vector<Value*>& values, Match& match) const {
  for (size_t i = 0; i < inputs.size(); ++i)
    if (!inputs[i].matches_at(values[i], match, false)) return false;
  return true;
}

Pattern any(std::string name) { return {.kind = Pattern::Kind::any, .op = {}, .inputs = {}, .name = std::move(name)}; }

Pattern constant(std::string name) {
  return {.kind = Pattern::Kind::constant, .op = {}, .inputs = {}, .name = std::move(name)};
}

Pattern op(std::string op, std::vector<Pattern> inputs, std::string name) {
  return {.kind = Pattern::Kind::op, .op = std::move(op), .inputs = std::move(inputs), .name = std::move(name)};
}

Pattern either_order(std::string op, Pattern a, Pattern b, std::string name) {
  return {.kind = Pattern::Kind::op,
          .op = std::move(op),
          .inputs = {std::move(a), std::move(b)},
          .name = std::move(name),
          .either_order = true};
}

std::optional<float> scalar_of(const Value* value) {
  if (value == nullptr || value->constant.empty() || value->constant.count() != 1) return std::nullopt;
  if (value->constant.type() != DataType::f32) return std::nullopt;
  return value->constant.data<float>()[0];
}

Node* only_reader(const Graph& graph, const Value* value) {
  return value->readers.size() == 1 && !graph.is_output(value) ? value->readers[0] : nullptr;
}

}  // namespace espalier
