// Ranges of concats, handed up to what feeds them (quantize/share_ranges.h).
#include "quantize/share_ranges.h"

#include "ops/op.h"

namespace espalier::quantize {
namespace {

using ops::IntegerRule;
using Shared = std::unordered_map<const Value*, const Value*>;

// The value whose scale this reader gives to its input anyway; nullptr where it takes the input's own.
const Value* range_wanted_by(const Node& reader, const Value* input, const Shared& shared) {
  const Value* output = reader.output();
  const auto found = shared.find(output);
  if (reader.op == "resize" && reader.text("mode") == "linear") return nullptr;  // it computes, at the input's scale
  switch (ops::find_op(reader.op)->integer) {
    case IntegerRule::join: return found == shared.end() ? output : found->second;
    case IntegerRule::keep_scale: return found == shared.end() || reader.inputs[0] != input ? nullptr : found->second;
    default: return nullptr;
  }
}

}  // namespace

Shared share_ranges(const Graph& graph, const std::unordered_map<const Node*, Reason>& integer_choice) {
  Shared shared;
  const std::vector<Node*> nodes = graph.nodes();
  const auto share = [&](const Value* value) {
    if (value->is_constant() || value->readers.empty() || graph.is_output(value)) return;
    const Value* wanted = nullptr;
    for (const Node* reader : value->readers) {
      const Value* range = integer_choice.at(reader).applies() ? range_wanted_by(*reader, value, shared) : nullptr;
      if (range == nullptr || (wanted != nullptr && range != wanted)) return;
      wanted = range;
    }
    shared[value] = wanted;
  };
  // Readers come before what they read.
  for (auto node = nodes.rbegin(); node != nodes.rend(); ++node)
    for (const Value* output : (*node)->outputs) share(output);
  for (const Port& input : graph.inputs()) share(input.value);
  return shared;
}

}  // namespace espalier::quantize
