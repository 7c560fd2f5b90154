// recognise_channel_shuffle: channels as g groups of c, read as c groups of g, between maps whose channels are first.
// Beside a transpose that brings channels last or first it is done on maps whose channels are last: what remains is one
// exchange within each pixel, and the transposes around it cancel.
#include "simplify/layout.h"
#include "simplify/passes.h"

namespace espalier::simplify {
namespace {

const Permutation kChannelsFirst = {0, 3, 1, 2};
const Permutation kChannelsLast = {0, 2, 3, 1};
const Permutation kExchangeGroups = {0, 2, 1, 3, 4};

bool is_beside_a_transpose(const Value* x, const Value* shuffled) {
  if (transpose_of(x) == kChannelsFirst) return true;
  return shuffled->readers.size() == 1 && transpose_of(shuffled->readers[0]->output()) == kChannelsLast;
}

// reshape(transpose(reshape(x, [n,g,c,h,w])), [n,gc,h,w]); `last` is the outer reshape.
bool recognise(Graph& graph, Node* last) {
  if (last->op != "reshape" || transpose_of(last->inputs[0]) != kExchangeGroups) return false;
  const Value* exchanged = last->inputs[0];
  const Node* first = exchanged->producer->inputs[0]->producer;
  if (first == nullptr || first->op != "reshape") return false;
  Value* x = first->inputs[0];
  const Shape& map = x->shape();
  const Shape& groups = first->output()->shape();
  if (map.size() != 4 || last->output()->shape() != map || groups[0] != map[0] || groups[3] != map[2] ||
      groups[4] != map[3])
    return false;
  if (!is_beside_a_transpose(x, last->output())) return false;

  const std::string& name = last->name;
  const auto reshaped = [&](const std::string& node_name, Value* value, const Shape& shape) {
    return graph.add_node("reshape", node_name, {value}, {{"shape", shape}}, {value->type.type, shape});
  };
  Value* pixels = add_transpose(graph, name + ".nhwc", x, kChannelsLast);
  Value* split = reshaped(name + ".groups", pixels, {map[0], map[2], map[3], groups[1], groups[2]});
  Value* shuffled = add_transpose(graph, name + ".shuffled", split, {0, 1, 2, 4, 3});
  Value* joined = reshaped(name, shuffled, pixels->shape());
  graph.replace(last, add_transpose(graph, name + ".nchw", joined, kChannelsFirst));
  return true;
}

}  // namespace

int recognise_channel_shuffle(Graph& graph) {
  int count = 0;
  for (Node* node : graph.nodes()) count += recognise(graph, node);
  return count;
}

}  // namespace espalier::simplify
