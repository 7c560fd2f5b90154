// recognise_repeat: copies of rows or columns side by side, [N,H,1,W,C] -> [N,H,r,W,C] or [N,H,W,1,C] -> [N,H,W,r,C],
// become resize by nearest neighbour between two reshapes, and two such resizes, of rows and of columns, become one.
#include "graph/match.h"
#include "simplify/passes.h"

namespace espalier::simplify {
namespace {

struct Repeat {
  Value* map = nullptr;
  int64_t rows = 1, columns = 1;  // times
};

// The copies that the node makes of a dimension of extent 1: where, and how many. Nothing when it makes others.
std::optional<std::pair<size_t, int64_t>> copied_dimension(const Value& from, const Value& to) {
  std::optional<std::pair<size_t, int64_t>> found;
  if (from.shape().size() != to.shape().size()) return std::nullopt;
  for (size_t d = 0; d < from.shape().size(); ++d) {
    if (from.shape()[d] == to.shape()[d]) continue;
    if (found || from.shape()[d] != 1) return std::nullopt;
    found = {d, to.shape()[d]};
  }
  return found;
}

// Copies that nobody but a reshape reads; others are broadcasts.
std::optional<Repeat> repeat_of_copies(const Graph& graph, const Node& node) {
  if (node.op != "tile" && node.op != "expand") return std::nullopt;
  const Node* reader = only_reader(graph, node.output());
  const auto copied = copied_dimension(*node.inputs[0], *node.output());
  if (!copied || element_count(node.output()->shape()) == 0 || reader == nullptr || reader->op != "reshape" ||
      node.output()->shape().size() != 5)
    return std::nullopt;
  const auto [place, times] = *copied;
  if (place == 2) return Repeat{node.inputs[0], times, 1};
  if (place == 3) return Repeat{node.inputs[0], 1, times};
  return std::nullopt;
}

// The repeat that a resize is.
std::optional<Repeat> repeat_of_resize(const Value& value) {
  const Node* node = value.producer;
  if (node == nullptr || node->op != "resize" || node->text("mode") != "nearest" ||
      node->text("coordinates") != "asymmetric" || node->text("rounding") != "floor")
    return std::nullopt;
  Value* map = node->inputs[0];
  const Shape& from = map->shape();
  const Shape& to = value.shape();
  const auto& scales = std::get<std::vector<float>>(node->attributes.at("scales"));
  const Repeat repeat{map, to[1] / from[1], to[2] / from[2]};
  const bool exact = repeat.rows * from[1] == to[1] && repeat.columns * from[2] == to[2] &&
                     scales[0] == static_cast<float>(repeat.rows) && scales[1] == static_cast<float>(repeat.columns);
  return exact ? std::optional(repeat) : std::nullopt;
}

Value* add_resize(Graph& graph, const Repeat& repeat, const std::string& name) {
  const Shape& from = repeat.map->shape();
  const Shape to = {from[0], from[1] * repeat.rows, from[2] * repeat.columns, from[3]};
  const Attributes attributes = {
      {"size", std::vector<int64_t>{to[1], to[2]}},
      {"scales", std::vector<float>{static_cast<float>(repeat.rows), static_cast<float>(repeat.columns)}},
      {"mode", std::string("nearest")},
      {"coordinates", std::string("asymmetric")},
      {"rounding", std::string("floor")}};
  return graph.add_node("resize", name, {repeat.map}, attributes, {DataType::f32, to});
}

bool replace_copies(Graph& graph, Node* node) {
  std::optional<Repeat> repeat = repeat_of_copies(graph, *node);
  if (!repeat) return false;
  Shape map = repeat->map->shape();
  map.erase(map.begin() + (repeat->rows != 1 ? 2 : 3));
  repeat->map = graph.add_node("reshape", node->name + ".map", {repeat->map}, {{"shape", map}}, {DataType::f32, map});
  Value* resized = add_resize(graph, *repeat, node->name);
  const Shape& shape = node->output()->shape();
  graph.replace(node,
                graph.add_node("reshape", node->name + ".copies", {resized}, {{"shape", shape}}, node->output()->type));
  return true;
}

bool join_repeats(Graph& graph, Node* node) {
  if (node->op != "resize") return false;
  const std::optional<Repeat> last = repeat_of_resize(*node->output());
  if (!last || only_reader(graph, last->map) == nullptr) return false;
  const std::optional<Repeat> first = repeat_of_resize(*last->map);
  if (!first) return false;
  graph.replace(node,
                add_resize(graph, {first->map, first->rows * last->rows, first->columns * last->columns}, node->name));
  return true;
}

}  // namespace

int recognise_repeat(Graph& graph) {
  int count = 0;
  for (Node* node : graph.nodes()) {
    if (node->op.empty() || node->outputs.size() != 1 || node->output()->type.type != DataType::f32) continue;
    count += replace_copies(graph, node) || join_repeats(graph, node);
  }
  return count;
}

}  // namespace espalier::simplify
