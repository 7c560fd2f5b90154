// The rules by which nodes become integer or stay float (quantize/choose_integers.h), each a sentence.
#include "quantize/choose_integers.h"

#include <algorithm>
#include <unordered_set>

#include "ops/op.h"

namespace espalier::quantize {
namespace {

using ops::IntegerRule;

// "{} has no integer meaning"
Reason has_integer_meaning(const Node& node) {
  const ops::OpSpec* spec = ops::find_op(node.op);
  if (spec->integer == IntegerRule::none) return reason("{} has no integer meaning", node.op);
  if (node.inputs[0]->type.type != DataType::f32)
    return reason("it works on {}, not on reals", name(node.inputs[0]->type.type));
  return kApplies;
}

// "its weights are computed while it runs"
Reason has_constant_weights(const Node& node) {
  if (ops::find_op(node.op)->integer != IntegerRule::product_sum) return kApplies;
  if (!node.inputs[1]->is_constant() || (node.input(2) != nullptr && !node.input(2)->is_constant()))
    return reason("its weights are computed while it runs");
  return kApplies;
}

// "it only moves elements to the output, where reals are wanted"
Reason is_not_output_move(const Node& node, const std::unordered_set<const Value*>& border) {
  if (border.contains(node.output()))
    return reason("it only joins and moves elements on the way to an output; in reals each input keeps its own scale");
  return kApplies;
}

bool only_moves(const Node& node) { return node.op == "concat" || node.op == "reshape" || node.op == "transpose"; }

// Values that reach nothing but outputs, through nodes that only move elements, and that a concat has joined: as
// integers they would all need one scale, and reals cost no more there.
std::unordered_set<const Value*> joined_border(const Graph& graph) {
  std::unordered_set<const Value*> moved;
  const std::vector<Node*> nodes = graph.nodes();
  for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {
    if (!only_moves(**node)) continue;
    const Value* output = (*node)->output();
    if (std::all_of(output->readers.begin(), output->readers.end(),
                    [&](const Node* reader) { return only_moves(*reader) && moved.contains(reader->output()); }))
      moved.insert(output);
  }
  std::unordered_set<const Value*> joined;
  for (const Node* node : nodes) {
    if (!only_moves(*node) || !moved.contains(node->output())) continue;
    const bool behind_join = std::any_of(node->inputs.begin(), node->inputs.end(),
                                         [&](const Value* input) { return joined.contains(input); });
    if (node->op == "concat" || behind_join) joined.insert(node->output());
  }
  return joined;
}

}  // namespace

std::unordered_map<const Node*, Reason> choose_integers(const Graph& graph) {
  const std::unordered_set<const Value*> border = joined_border(graph);
  std::unordered_map<const Node*, Reason> choice;
  for (const Node* node : graph.nodes()) {
    Reason why = has_integer_meaning(*node);
    if (why.applies()) why = has_constant_weights(*node);
    if (why.applies()) why = is_not_output_move(*node, border);
    choice[node] = why;
  }
  return choice;
}

}  // namespace espalier::quantize
