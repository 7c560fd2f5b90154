// move_transposes: op(transpose(x)) becomes transpose(op(x)) wherever the operator allows it. Transposes only ever move
// towards the outputs, so the pass ends; where two meet, cancel_transposes composes them.
#include <algorithm>

#include "base/check.h"
#include "graph/match.h"
#include "ops/fold.h"
#include "simplify/layout.h"
#include "simplify/passes.h"

namespace espalier::simplify {
namespace {

// A constant under the inverse permutation, with missing leading dimensions as 1; a single element stays as it is.
Value* constant_before(Graph& graph, Value* value, const Permutation& permutation) {
  if (value->constant.count() == 1) return value;
  Shape shape = value->shape();
  shape.insert(shape.begin(), permutation.size() - shape.size(), 1);
  Value padded = *value;
  const size_t added = permutation.size() - value->shape().size();
  padded.type.shape = shape;
  padded.constant = value->constant.reshaped(shape);
  if (value->is_stored_as_integers()) {
    padded.integers = value->integers.reshaped(shape);
    if (!value->quantization->per_tensor()) padded.quantization->axis += static_cast<int64_t>(added);
  }
  Value output;
  Node node{.op = "transpose", .name = value->name, .inputs = {&padded}, .outputs = {&output}, .attributes = {}};
  node.attributes["permutation"] = inverse(permutation);
  CHECK(ops::infer_outputs(&node).ok());
  return ops::fold(graph, node, value->name)[0];
}

// Whether the operator reads this input as a whole, whatever the layout of the others is.
bool is_whole(const Node& node, size_t index) {
  const std::vector<ops::InputSpec>& inputs = ops::find_op(node.op)->inputs;
  return inputs[std::min(index, inputs.size() - 1)].whole;
}

// The shape with missing leading dimensions as 1.
Shape padded(const Shape& shape, size_t rank) {
  Shape result(rank - shape.size(), 1);
  result.insert(result.end(), shape.begin(), shape.end());
  return result;
}

// Whether the value under the inverse permutation costs no move of elements: it is transposed by the permutation, or by
// one that differs in dimensions of extent 1, or has so few other dimensions that their order stays.
bool comes_back_free(const Value& value, const Permutation& permutation) {
  if (value.shape().size() > permutation.size()) return false;
  const Permutation back = inverse(permutation);
  if (moves_units_only(padded(value.shape(), permutation.size()), back)) return true;
  const std::optional<Permutation> own = transpose_of(&value);
  return own && own->size() == permutation.size() &&
         moves_units_only(value.producer->inputs[0]->shape(), composed(*own, back));
}

bool fits_all_inputs(const Node& node, const Permutation& permutation) {
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    const Value* input = node.inputs[i];
    const bool fits = input->is_constant() ? is_whole(node, i) || input->shape().size() <= permutation.size()
                                           : !is_whole(node, i) && comes_back_free(*input, permutation);
    if (!fits) return false;
  }
  return true;
}

// The permutation by which an input is transposed and under which the others come back free; constants follow.
std::optional<Permutation> common_transpose(const Node& node) {
  if (std::find(node.inputs.begin(), node.inputs.end(), nullptr) != node.inputs.end()) return std::nullopt;
  for (const Value* input : node.inputs) {
    const std::optional<Permutation> permutation = input->is_constant() ? std::nullopt : transpose_of(input);
    if (permutation && fits_all_inputs(node, *permutation)) return permutation;
  }
  return std::nullopt;
}

// The computed value under the inverse permutation; cancel_transposes makes the transpose a reshape.
Value* computed_before(Graph& graph, Value* value, const Permutation& permutation) {
  if (transpose_of(value) == permutation) return value->producer->inputs[0];
  if (value->shape().size() < permutation.size()) {
    const Shape shape = padded(value->shape(), permutation.size());
    Value* reshaped =
        graph.add_node("reshape", value->name + ".padded", {value}, {{"shape", shape}}, {value->type.type, shape});
    reshaped->quantization = value->quantization;
    value = reshaped;
  }
  return add_transpose(graph, value->name + ".back", value, inverse(permutation));
}

bool move_past(Graph& graph, Node* node) {
  if (node->op.empty() || node->outputs.size() != 1) return false;
  const auto attributes_before = ops::find_op(node->op)->attributes_before_transpose;
  if (attributes_before == nullptr) return false;
  const std::optional<Permutation> permutation = common_transpose(*node);
  if (!permutation) return false;
  std::vector<Value*> inputs;
  for (size_t i = 0; i < node->inputs.size(); ++i) {
    Value* input = node->inputs[i];
    if (!input->is_constant())
      input = computed_before(graph, input, *permutation);
    else if (!is_whole(*node, i))
      input = constant_before(graph, input, *permutation);
    inputs.push_back(input);
  }
  Value* moved = graph.add_node(node->op, node->name, inputs, attributes_before(*node, *permutation), TensorType{});
  CHECK(ops::infer_outputs(moved->producer).ok(), "{}", node->name);
  moved->quantization = node->output()->quantization;
  graph.replace(node, add_transpose(graph, node->name + ".moved", moved, *permutation));
  return true;
}

// Neighbouring dimensions of a reshape's input and output that hold the same elements.
struct Block {
  std::vector<size_t> from, to;
};

// The smallest blocks, in order; nothing when the shapes do not fall apart that way (extents of 0).
std::optional<std::vector<Block>> blocks_of(const Shape& from, const Shape& to) {
  std::vector<Block> blocks;
  size_t i = 0;
  size_t k = 0;
  while (i < from.size() || k < to.size()) {
    Block block;
    int64_t from_count = 1;
    int64_t to_count = 1;
    const auto take_from = [&] {
      from_count *= from[i];
      block.from.push_back(i++);
    };
    const auto take_to = [&] {
      to_count *= to[k];
      block.to.push_back(k++);
    };
    if (i < from.size()) take_from();
    if (k < to.size()) take_to();
    while (from_count != to_count) {
      if (from_count < to_count ? i == from.size() : k == to.size()) return std::nullopt;
      from_count < to_count ? take_from() : take_to();
    }
    blocks.push_back(block);
  }
  return blocks;
}

// For each dimension of a transposed tensor how many longer ones than 1 stand before it in the original; -1 for those
// of extent 1, which may stand anywhere.
std::vector<int64_t> original_places(const Shape& transposed, const Permutation& permutation) {
  const Permutation back = inverse(permutation);
  std::vector<int64_t> places(transposed.size(), -1);
  int64_t count = 0;
  for (const int64_t d : back)
    if (transposed[static_cast<size_t>(d)] != 1) places[static_cast<size_t>(d)] = count++;
  return places;
}

// The place of each block; one of no elements but one goes with the block before it. Nothing when a block joins
// dimensions that are no neighbours in the original.
std::optional<std::vector<int64_t>> places_of(const std::vector<Block>& blocks, const std::vector<int64_t>& places) {
  std::vector<int64_t> result;
  for (const Block& block : blocks) {
    int64_t first = -1;
    int64_t last = -1;
    for (const size_t d : block.from) {
      if (places[d] == -1) continue;
      if (last != -1 && places[d] != last + 1) return std::nullopt;
      if (first == -1) first = places[d];
      last = places[d];
    }
    result.push_back(first != -1 || result.empty() ? first : result.back());
  }
  return result;
}

// A split of the last dimension of x, its channels, waits for a transpose that brings part of them to the end, as heads
// of detectors do. One that leaves the end alone is part of a channel shuffle.
bool may_split_channels(const Graph& graph, const Node& reshape) {
  const Node* reader = only_reader(graph, reshape.output());
  return reader != nullptr && reader->op == "transpose" &&
         reader->integers("permutation").back() + 1 != static_cast<int64_t>(reshape.output()->shape().size());
}

bool splits_last(const std::vector<Block>& blocks, const std::vector<int64_t>& places, const Shape& to) {
  const int64_t last = *std::max_element(places.begin(), places.end());
  return std::any_of(blocks.begin(), blocks.end(), [&](const Block& block) {
    const auto parts = std::count_if(block.to.begin(), block.to.end(), [&](size_t d) { return to[d] != 1; });
    return parts > 1 && std::any_of(block.from.begin(), block.from.end(), [&](size_t d) { return places[d] == last; });
  });
}

// reshape(transpose(x)) where the reshape joins only neighbours that are neighbours in x too, splits dimensions, or
// puts in and takes out those of extent 1. Two transposes in a row are left to cancel_transposes first.
// [N,H,W,C] -> [N,C,H,W] -> [N,C,H*W] is [N,H,W,C] -> [N,H*W,C] -> [N,C,H*W].
bool move_past_reshape(Graph& graph, Node* node) {
  if (node->op != "reshape") return false;
  const std::optional<Permutation> permutation = transpose_of(node->inputs[0]);
  if (!permutation || transpose_of(node->inputs[0]->producer->inputs[0])) return false;
  const Shape& from = node->inputs[0]->shape();
  const Shape& to = node->output()->shape();
  const auto blocks = blocks_of(from, to);
  if (!blocks || from.empty()) return false;
  const std::vector<int64_t> originals = original_places(from, *permutation);
  const auto places = places_of(*blocks, originals);
  if (!places || (splits_last(*blocks, originals, to) && !may_split_channels(graph, *node))) return false;
  std::vector<size_t> order;
  for (size_t i = 0; i < blocks->size(); ++i) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return (*places)[a] < (*places)[b]; });
  Permutation forward;
  Shape shape;
  for (const size_t i : order)
    for (const size_t d : (*blocks)[i].to) {
      forward.push_back(static_cast<int64_t>(d));
      shape.push_back(to[d]);
    }
  Value* source = node->inputs[0]->producer->inputs[0];
  Value* reshaped = graph.add_node("reshape", node->name, {source}, {{"shape", shape}}, {source->type.type, shape});
  reshaped->quantization = node->output()->quantization;
  graph.replace(node, add_transpose(graph, node->name + ".moved", reshaped, inverse(forward)));
  return true;
}

}  // namespace

int move_transposes(Graph& graph) {
  int count = 0;
  for (Node* node : graph.nodes()) count += move_past(graph, node) || move_past_reshape(graph, node);
  return count;
}

}  // namespace espalier::simplify
