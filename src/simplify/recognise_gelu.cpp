// recognise_gelu: the products of x, 1/2 and 1 + erf(x / sqrt(2)), in any order, become gelu(x); with
// 1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3)) they become gelu(x) of the kind "tanh".
#include <algorithm>
#include <cmath>

#include "graph/match.h"
#include "simplify/passes.h"

namespace espalier::simplify {
namespace {

bool is_near(std::optional<float> value, double wanted) {
  return value && std::abs(double{*value} - wanted) <= 1e-4 * std::abs(wanted);
}

// The factors of a product of products; inner products have no other reader.
void add_factors(const Graph& graph, Value* value, bool root, std::vector<Value*>& factors) {
  const Node* node = value->producer;
  const bool is_product = node != nullptr && node->op == "mul" && (root || only_reader(graph, value) != nullptr);
  if (!is_product || factors.size() > 4) {
    factors.push_back(value);
    return;
  }
  for (Value* input : node->inputs) add_factors(graph, input, false, factors);
}

// The x of erf(x / sqrt(2)), or nullptr.
Value* erf_argument(const Graph& graph, Value* value) {
  Match quotient(graph);
  if (op("erf", {op("div", {any("x"), constant("c")})}).matches(value, quotient) &&
      is_near(scalar_of(quotient["c"]), 1.4142135623730951))
    return quotient["x"];
  Match product(graph);
  if (op("erf", {either_order("mul", any("x"), constant("c"))}).matches(value, product) &&
      is_near(scalar_of(product["c"]), 0.7071067811865476))
    return product["x"];
  return nullptr;
}

// The x of tanh(c * (x + 0.044715 * x^3)), the cube in its spellings, or nullptr.
Value* tanh_argument(const Graph& graph, Value* value) {
  const auto cubes = {op("pow", {any("x"), constant("three")}),
                      either_order("mul", any("x"), op("mul", {any("x"), any("x")})),
                      op("mul", {op("mul", {any("x"), any("x")}), any("x")})};
  for (const Pattern& cube : cubes) {
    Match match(graph);
    const Pattern inner = either_order("add", any("x"), either_order("mul", cube, constant("a")));
    if (!op("tanh", {either_order("mul", inner, constant("c"))}).matches(value, match)) continue;
    if (!is_near(scalar_of(match["a"]), 0.044715) || !is_near(scalar_of(match["c"]), 0.7978845608028654)) continue;
    if (cube.op == "pow" && scalar_of(match["three"]) != 3.0f) continue;
    return match["x"];
  }
  return nullptr;
}

struct Found {
  Value* x = nullptr;
  bool is_tanh = false;
};

// x * 1/2 * (1 + gate(x)).
std::optional<Found> matched(const Graph& graph, Value* value) {
  std::vector<Value*> factors;
  add_factors(graph, value, true, factors);
  if (factors.size() != 3) return std::nullopt;
  Found found;
  int halves = 0;
  for (Value* factor : factors) {
    if (is_near(scalar_of(factor), 0.5)) ++halves;
    Match match(graph);
    if (!either_order("add", any("gate"), constant("one")).matches(factor, match)) continue;
    if (!is_near(scalar_of(match["one"]), 1) || only_reader(graph, factor) == nullptr ||
        only_reader(graph, match["gate"]) == nullptr)
      continue;
    found.x = erf_argument(graph, match["gate"]);
    if (found.x == nullptr) {
      found.x = tanh_argument(graph, match["gate"]);
      found.is_tanh = found.x != nullptr;
    }
  }
  const bool has_x = std::find(factors.begin(), factors.end(), found.x) != factors.end();
  if (found.x == nullptr || halves != 1 || !has_x || found.x->type != value->type) return std::nullopt;
  return found;
}

}  // namespace

int recognise_gelu(Graph& graph) {
  int count = 0;
  for (Node* node : graph.nodes()) {
    if (node->op != "mul") continue;
    const std::optional<Found> found = matched(graph, node->output());
    if (!found) continue;
    Attributes attributes;
    if (found->is_tanh) attributes["approximate"] = std::string("tanh");
    graph.replace(node, graph.add_node("gelu", node->name, {found->x}, attributes, node->output()->type));
    ++count;
  }
  return count;
}

}  // namespace espalier::simplify
