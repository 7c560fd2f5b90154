// recognise_layer_norm: (x - mean(x)) / sqrt(mean((x - mean(x))^2) + epsilon) over the last dimension becomes
// layer_norm, and a product and a sum with constants of that dimension behind it become its scale and bias. So does
// TensorFlow's x * g + (bias - mean(x) * g), g = scale / sqrt(..).
#include "graph/match.h"
#include "simplify/passes.h"

namespace espalier::simplify {
namespace {

bool is_mean_of_last(const Node& node) {
  return node.integers("axes") == std::vector<int64_t>{static_cast<int64_t>(node.inputs[0]->shape().size()) - 1};
}

bool is_mean_of(const Value* value, const Value* x) {
  const Node* mean = value->producer;
  return mean != nullptr && mean->op == "reduce_mean" && mean->inputs[0] == x && is_mean_of_last(*mean);
}

// The x of x - mean(x), or nullptr. Its readers are many, so it is no inner value of a pattern.
Value* centred(const Graph& graph, Value* value) {
  Match match(graph);
  if (!op("sub", {any("x"), any("mean")}).matches(value, match)) return nullptr;
  return is_mean_of(match["mean"], match["x"]) ? match["x"] : nullptr;
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

Pattern deviation_pattern() {
  return op("sqrt", {either_order("add", op("reduce_mean", {any("squares")}, "variance"), constant("epsilon"))});
}

std::optional<Found> normalization(const Graph& graph, Value* value) {
  const Pattern deviation = deviation_pattern();
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

// TensorFlow's g: the x and epsilon that it belongs to, and its scale where it has one.
struct Factor {
  Found found;
  const Value* scale = nullptr;
};

std::optional<Factor> factor_of(const Graph& graph, Value* value) {
  Factor factor;
  Match scaled(graph);
  if (either_order("mul", any("inverse"), constant("scale")).matches(value, scaled)) {
    factor.scale = scaled["scale"];
    value = scaled["inverse"];
  }
  Match match(graph);
  if (!op("reciprocal", {deviation_pattern()}).matches(value, match)) return std::nullopt;
  const std::optional<float> epsilon = scalar_of(match["epsilon"]);
  Value* x = squared(graph, match["squares"]);
  if (x == nullptr || !is_mean_of_last(*match["variance"]->producer) || !epsilon || !(*epsilon >= 0))
    return std::nullopt;
  factor.found = {x, *epsilon};
  return factor;
}

// Whether the value is mean(x) * g.
bool is_mean_times(const Value* value, const Value* x, const Value* g) {
  const Node* product = value->producer;
  if (product == nullptr || product->op != "mul") return false;
  return (is_mean_of(product->inputs[0], x) && product->inputs[1] == g) ||
         (is_mean_of(product->inputs[1], x) && product->inputs[0] == g);
}

// Whether the value is -mean(x) * g.
bool is_minus_mean_times(const Value* value, const Value* x, const Value* g) {
  const Node* product = value->producer;
  if (product == nullptr || product->op != "mul") return false;
  for (size_t i = 0; i < 2; ++i) {
    const Node* negative = product->inputs[i]->producer;
    if (product->inputs[1 - i] == g && negative != nullptr && negative->op == "neg" &&
        is_mean_of(negative->inputs[0], x))
      return true;
  }
  return false;
}

struct Shift {
  const Value* bias = nullptr;  // where it has one
};

// bias - mean(x) * g, in its spellings.
std::optional<Shift> shift_of(const Graph& graph, Value* value, const Value* x, const Value* g) {
  if (is_minus_mean_times(value, x, g)) return Shift{};
  Match sum(graph);
  if (either_order("add", any("shift"), constant("bias")).matches(value, sum) &&
      is_minus_mean_times(sum["shift"], x, g))
    return Shift{sum["bias"]};
  Match difference(graph);
  if (op("sub", {constant("bias"), any("shift")}).matches(value, difference) &&
      is_mean_times(difference["shift"], x, g))
    return Shift{difference["bias"]};
  return std::nullopt;
}

struct Affine {
  Found found;
  const Value* scale = nullptr;
  const Value* bias = nullptr;
};

// x * g + shift.
std::optional<Affine> folded_normalization(const Graph& graph, const Node& sum) {
  for (size_t side = 0; side < 2; ++side) {
    const Node* product = sum.inputs[side]->producer;
    if (product == nullptr || product->op != "mul") continue;
    for (size_t i = 0; i < 2; ++i) {
      Value* g = product->inputs[1 - i];
      const std::optional<Factor> factor = factor_of(graph, g);
      if (!factor || factor->found.x != product->inputs[i]) continue;
      const std::optional<Shift> shift = shift_of(graph, sum.inputs[1 - side], factor->found.x, g);
      if (shift) return Affine{factor->found, factor->scale, shift->bias};
    }
  }
  return std::nullopt;
}

bool replace_folded(Graph& graph, Node* node) {
  if (node->op != "add" || !node->attributes.empty()) return false;
  const std::optional<Affine> affine = folded_normalization(graph, *node);
  if (!affine || affine->found.x->type != node->output()->type) return false;
  std::vector<Value*> inputs = {affine->found.x};
  for (const Value* constant : {affine->scale, affine->bias}) {
    const std::optional<Tensor> vector = constant == nullptr ? std::nullopt : vector_of(constant, node->output());
    if (constant != nullptr && !vector) return false;
    inputs.push_back(vector ? graph.add_constant(constant->name, *vector) : nullptr);
  }
  while (inputs.back() == nullptr) inputs.pop_back();
  graph.replace(node, graph.add_node("layer_norm", node->name, inputs, {{"epsilon", affine->found.epsilon}},
                                     node->output()->type));
  return true;
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
    if (takes_affine(graph, node) || replace_folded(graph, node)) {
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
