// Which operators hand an open length on (ops/open_lengths.h).
#include "ops/open_lengths.h"

#include <algorithm>

#include "ops/op.h"
#include "ops/shapes.h"

namespace espalier::ops {
namespace {

using Dimension = std::optional<size_t>;

// Where dimension `dimension` of input `index` comes to lie in the output, if each of its places goes on by itself.
using HandOn = Dimension (*)(const Node& node, size_t index, size_t dimension);

// Broadcasting aligns the last dimensions.
Dimension of_elements(const Node& node, size_t index, size_t dimension) {
  return dimension + node.output()->shape().size() - node.inputs[index]->shape().size();
}

Dimension of_transpose(const Node& node, size_t, size_t dimension) {
  const std::vector<int64_t> permutation = node.integers("permutation");
  const auto place = std::find(permutation.begin(), permutation.end(), static_cast<int64_t>(dimension));
  return static_cast<size_t>(place - permutation.begin());
}

// The dimension stays where as many elements stand before and behind it; neighbours of extent 1 look all the same.
Dimension of_reshape(const Node& node, size_t, size_t dimension) {
  const Shape& from = node.inputs[0]->shape();
  const Shape& to = node.output()->shape();
  const std::vector<int64_t> from_strides = dense_strides(from);
  const std::vector<int64_t> to_strides = dense_strides(to);
  Dimension place;
  for (size_t d = 0; d < to.size(); ++d) {
    if (to[d] != from[dimension] || to_strides[d] != from_strides[dimension]) continue;
    if (place) return std::nullopt;
    place = d;
  }
  return place;
}

// All of it: an end may have been counted from the back, of a length that only the data know.
Dimension of_slice(const Node& node, size_t, size_t dimension) {
  const Shape& shape = node.inputs[0]->shape();
  const bool is_whole = node.integers("begin")[dimension] == 0 && node.integers("step")[dimension] == 1 &&
                        node.integers("end")[dimension] == shape[dimension];
  return is_whole ? Dimension(dimension) : std::nullopt;
}

Dimension of_gather(const Node& node, size_t index, size_t dimension) {
  const auto axis = static_cast<size_t>(node.integer("axis"));
  if (index == 1) return axis + dimension;
  if (dimension == axis) return std::nullopt;
  return dimension < axis ? dimension : dimension + node.inputs[1]->shape().size() - 1;
}

Dimension of_gather_nd(const Node& node, size_t index, size_t dimension) {
  const bool is_in_tuple = dimension + 1 == node.inputs[1]->shape().size();
  if (index != 1 || is_in_tuple) return std::nullopt;
  return dimension;
}

Dimension of_concat(const Node& node, size_t, size_t dimension) {
  if (static_cast<int64_t>(dimension) == node.integer("axis")) return std::nullopt;
  return dimension;
}

HandOn hand_on_of(const Node& node) {
  static const std::unordered_map<std::string, HandOn> kMoves = {{"transpose", of_transpose}, {"reshape", of_reshape},
                                                                 {"slice", of_slice},         {"gather", of_gather},
                                                                 {"gather_nd", of_gather_nd}, {"concat", of_concat}};
  if (const auto found = kMoves.find(node.op); found != kMoves.end()) return found->second;
  // What treats all elements alike, whatever their place.
  return find_op(node.op)->attributes_before_transpose == same_attributes ? of_elements : nullptr;
}

std::string refusal(const Value* input, const Value* source) {
  return fmt::format(
      "it computes with \"{}\", of which as many places are filled as \"{}\" finds in the data; the empty ones would "
      "count, or no longer lie behind the others. End the network before it: --outputs \"{}\"",
      input->name, source->name, input->name);
}

}  // namespace

Result<std::optional<OpenLength>> OpenLengths::of(const Value* value) {
  if (value == nullptr || value->producer == nullptr) return std::optional<OpenLength>();
  const auto known = known_.find(value);
  if (known != known_.end()) return known->second;
  const Node& node = *value->producer;
  const int own = find_op(node.op)->open_dimension;
  std::optional<OpenLength> open = TRY(behind(node));
  if (own >= 0 && value == node.output()) open = OpenLength{value, static_cast<size_t>(own)};
  known_[value] = open;
  return open;
}

Result<std::optional<OpenLength>> OpenLengths::behind(const Node& node) {
  const HandOn hand_on = hand_on_of(node);
  std::optional<OpenLength> open;
  const Value* first = nullptr;
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    const std::optional<OpenLength> input = TRY(of(node.inputs[i]));
    if (!input) continue;
    const Dimension dimension = hand_on == nullptr ? std::nullopt : hand_on(node, i, input->dimension);
    if (!dimension || (open && *open != OpenLength{input->source, *dimension}))
      return error("{}", refusal(node.inputs[i], input->source));
    open = OpenLength{input->source, *dimension};
    first = node.inputs[i];
  }
  // Other operands are one for all places, or tables that are indexed.
  if (open && (hand_on == of_elements || hand_on == of_concat))
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const Value* input = node.inputs[i];
      if (input == nullptr || TRY(of(input))) continue;
      const Shape& shape = input->shape();
      const size_t behind = node.output()->shape().size() - open->dimension;
      if (behind <= shape.size() && shape[shape.size() - behind] != 1) return error("{}", refusal(first, open->source));
    }
  return open;
}

Result<std::vector<std::optional<OpenLength>>> open_lengths_of_outputs(const Graph& graph) {
  OpenLengths lengths;
  // In running order, so that each is known when the next one asks.
  for (const Node* node : graph.nodes())
    for (const Value* output : node->outputs) {
      const Result<std::optional<OpenLength>> length = lengths.of(output);
      if (!length.ok()) return length.error().at(fmt::format("node \"{}\" ({})", node->name, node->op));
    }
  std::vector<std::optional<OpenLength>> of_outputs;
  for (const Port& port : graph.outputs()) of_outputs.push_back(TRY(lengths.of(port.value)));
  return of_outputs;
}

int64_t filled_count(const Value& source, const int64_t* data) {
  const auto dimension = static_cast<size_t>(find_op(source.producer->op)->open_dimension);
  const int64_t stride = dense_strides(source.shape())[dimension];
  // The first element of a slice tells: all of them are -1 or none is.
  int64_t filled = 0;
  while (filled < source.shape()[dimension] && data[filled * stride] >= 0) ++filled;
  return filled;
}

}  // namespace espalier::ops
