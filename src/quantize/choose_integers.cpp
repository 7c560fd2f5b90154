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
  if (spec->integer == IntegerRule::none || spec->integer == IntegerRule::boundary)
    return reason("{} has no integer meaning", node.op);
  if (node.inputs[0]->type.type != DataType::f32)
    return reason("it works on {}, not on reals", name(node.inputs[0]->type.type));
  return spec->integer_when == nullptr ? kApplies : spec->integer_when(node);
}

// "its weights are computed while it runs"
Reason has_constant_weights(const Node& node) {
  if (ops::find_op(node.op)->integer != IntegerRule::product_sum) return kApplies;
  if (!node.inputs[1]->is_constant() || (node.input(2) != nullptr && !node.input(2)->is_constant()))
    return reason("its weights are computed while it runs");
  return kApplies;
}

bool keeps_scale(const Node& node) { return ops::find_op(node.op)->integer == IntegerRule::keep_scale; }
bool joins(const Node& node) { return ops::find_op(node.op)->integer == IntegerRule::join; }
bool only_moves(const Node& node) { return keeps_scale(node) || joins(node); }

// Values that reach nothing but outputs, through nodes that only move elements.
std::unordered_set<const Value*> moved_to_outputs(const std::vector<Node*>& nodes) {
  std::unordered_set<const Value*> moved;
  for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {
    if (!only_moves(**node)) continue;
    const Value* output = (*node)->output();
    if (std::all_of(output->readers.begin(), output->readers.end(),
                    [&](const Node* reader) { return only_moves(*reader) && moved.contains(reader->output()); }))
      moved.insert(output);
  }
  return moved;
}

// "it joins {} tensors on the way to an output; as integers they would need one scale, in reals each keeps its own"
Reason is_not_output_join(const Node& node, const std::unordered_set<const Value*>& moved) {
  if (joins(node) && moved.contains(node.output()))
    return reason(
        "it joins {} tensors on the way to an output; as integers they would need one scale, in reals each keeps its "
        "own",
        node.inputs.size());
  return kApplies;
}

// Values that some computing integer node reads, at once or through nodes that only move them.
std::unordered_set<const Value*> wanted_as_integers(const std::vector<Node*>& nodes,
                                                    const std::unordered_map<const Node*, Reason>& choice) {
  std::unordered_set<const Value*> wanted;
  for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {
    if (!choice.at(*node).applies() || (keeps_scale(**node) && !wanted.contains((*node)->output()))) continue;
    wanted.insert((*node)->inputs.begin(), (*node)->inputs.end());
  }
  return wanted;
}

}  // namespace

std::unordered_map<const Node*, Reason> choose_integers(const Graph& graph) {
  const std::vector<Node*> nodes = graph.nodes();
  const std::unordered_set<const Value*> moved = moved_to_outputs(nodes);
  std::unordered_map<const Node*, Reason> choice;
  for (const Node* node : nodes) {
    Reason why = has_integer_meaning(*node);
    if (why.applies()) why = has_constant_weights(*node);
    if (why.applies()) why = is_not_output_join(*node, moved);
    choice[node] = why;
  }
  // A node that only moves elements follows its neighbours: eight bits gain nothing where reals come in and go out.
  const std::unordered_set<const Value*> wanted = wanted_as_integers(nodes, choice);
  for (const Node* node : nodes) {
    if (!choice.at(node).applies() || !keeps_scale(*node) || wanted.contains(node->output())) continue;
    const Node* producer = node->inputs[0]->producer;
    if (producer == nullptr || !choice.at(producer).applies())
      choice[node] = reason("it only moves elements of {}, which are reals", node->inputs[0]->name);
  }
  return choice;
}

}  // namespace espalier::quantize
