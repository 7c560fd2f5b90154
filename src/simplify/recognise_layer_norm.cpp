// recognise_layer_norm: (x - mean(x)) / sqrt(mean((x - mean(x))^2) + epsilon) over the last dimension becomes
// layer_norm, and a product and a sum with constants of that dimension behind it become its scale and bias.
#include "graph/match.h"
#include "simplify/passes.h"

namespace espalier::simplify {
namespace {

bool is_mean_of_last(const Node& node) {
  return node.integers("axes") == std::vector<int64_t>{static_cast<int64_t>(node.inputs[0]->shape().size()) - 1};
}

// The x of x - mean(x), or nullptr. Its readers are many, so it is no inner value of a pattern.
Value* centred(const Graph& graph, Value* value) {
  Match match(graph);
  if (!op("sub", {any("x"), any("mean")}).matches(value, match)) return nullptr;
  const Node* mean = match["mean"]->producer;
  const bool fits = mean != nullptr && mean->op == "reduce_mean" && mean->inputs[0] == match["x"];
  return fits && is_mean_of_last(*mean) ? match["x"] : nullptr;
}

// The x of a square of x - mean(x); some exporters compute the difference twice.
Value* squared(const Graph& graph, Value* value) {
  Match match(graph);
  if (!op("mul", {any("a"), any("b")}).matches(value, match) || match["a"] != match["b"]) return nullptr;
  return centred(graph, match["a"]);
}

struct Found {
  Value* x = nullptr;
  float epsilon = 0;
};

std::optional<Found> normalization(const Graph& graph, Value* value) {
  const Pattern deviation =
      op("sqrt", {either_order("add", op("reduce_mean", {any("squares")}, "variance"), constant("epsilon"))});
  for (const Pattern& pattern : {op("div", {any("difference"), deviation}),
                                 either_order("mul", any("difference"), op("reciprocal", {deviation}))}) {
    Match match(graph);
    if (!pattern.matches(value, match) || !is_mean_of_last(*match["variance"]->producer)) continue;
    Value* x = centred(graph, match["difference"]);
    const std::optional<float> epsilon = scalar_of(match["epsilon"]);
    if (x == nullptr || squared(graph, match["squares"]) != x || x->type != value->type) continue;
    if (epsilon && *epsilon >= 0) return Found{x, *epsilon};
  }
  return std::nullopt;
}

// A constant with one element per index of the last dimension of `value`, as a vector; nothing for others.
std::optional<Tensor> vector_of(const Value* constant, const Value* value) {
  const int64_t size = value->shape().back();
  const Shape& shape = constant->shape();
  if (!constant->is_constant() || constant->type.type != DataType::f32 || shape.empty() || shape.back() != size ||
      constant->constant.count() != size || shape.size() > value->shape().size())
    return std::nullopt;
  return constant->constant.reshaped({size});
}

// layer_norm(x) * scale, layer_norm(x) + bias.
bool takes_affine(Graph& graph, Node* node) {
  const bool is_scale = node->op == "mul";
  if ((!is_scale && node->op != "add") || !node->attributes.empty()) return false;
  for (size_t i = 0; i < 2; ++i) {
    const Node* norm = node->inputs[i]->producer;
    if (norm == nullptr || norm->op != "layer_norm" || only_reader(graph, node->inputs[i]) == nullptr) continue;
    const std::optional<Tensor> vector = vector_of(node->inputs[1 - i], node->inputs[i]);
    if (!vector || norm->input(2) != nullptr || (is_scale && norm->input(1) != nullptr)) continue;
    Value* constant = graph.add_constant(node->inputs[1 - i]->name, *vector);
    std::vector<Value*> inputs = {norm->inputs[0], is_scale ? constant : norm->input(1)};
    if (!is_scale) inputs.push_back(constant);
    graph.replace(node, graph.add_node("layer_norm", node->name, inputs, norm->attributes, node->output()->type));
    return true;
  }
  return false;
}

}  // namespace

int recognise_layer_norm(Graph& graph) {
  int count = 0;
  for (Node* node : graph.nodes()) {
    if (node->op.empty()) continue;
    if (takes_affine(graph, node)) {
      ++count;
      continue;
    }
    if (node->op != "div" && node->op != "mul") continue;
    const std::optional<Found> found = normalization(graph, node->output());
    if (!found) continue;
    graph.replace(node, graph.add_node("layer_norm", node->name, {found->x}, {{"epsilon", found->epsilon}},
                                       node->output()->type));
    ++count;
  }
  return count;
}

}  // namespace espalier::simplify
