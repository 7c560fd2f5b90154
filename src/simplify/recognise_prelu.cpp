// recognise_prelu: relu(x) + c * relu(-x) becomes prelu(x) with the slope -c, and so do its spellings with a negation
// of the product and with c * (x - |x|) / 2.
#include "graph/match.h"
#include "simplify/passes.h"

namespace espalier::simplify {
namespace {

Tensor scaled(const Tensor& constant, float factor) {
  Tensor result(DataType::f32, constant.shape());
  for (int64_t i = 0; i < constant.count(); ++i) result.mutable_data<float>()[i] = constant.data<float>()[i] * factor;
  return result;
}

struct Found {
  Value* x;
  Value* constant;
  float factor;  // slope = constant * factor
};

std::optional<Found> matched(const Graph& graph, Value* value) {
  const Pattern below = either_order("mul", op("relu", {op("neg", {any("x")})}), constant("c"));
  const Pattern difference = op("sub", {any("x"), op("abs", {any("x")})});
  const struct {
    Pattern pattern;
    float factor;
    bool halves;
  } spellings[] = {{below, -1, false},
                   {op("neg", {below}), 1, false},
                   {either_order("mul", either_order("mul", difference, constant("c")), constant("half")), 1, true},
                   {either_order("mul", either_order("mul", difference, constant("half")), constant("c")), 1, true}};
  for (const auto& spelling : spellings) {
    Match match(graph);
    if (!either_order("add", op("relu", {any("x")}), spelling.pattern).matches(value, match)) continue;
    if (spelling.halves && scalar_of(match["half"]) != 0.5f) continue;
    return Found{match["x"], match["c"], spelling.factor};
  }
  return std::nullopt;
}

}  // namespace

int recognise_prelu(Graph& graph) {
  int count = 0;
  for (Node* node : graph.nodes()) {
    if (node->op != "add" || !node->attributes.empty()) continue;
    const std::optional<Found> found = matched(graph, node->output());
    if (!found || found->x->type != node->output()->type || found->constant->type.type != DataType::f32) continue;
    Value* slope = graph.add_constant(found->constant->name, scaled(found->constant->constant, found->factor));
    graph.replace(node, graph.add_node("prelu", node->name, {found->x, slope}, {}, node->output()->type));
    ++count;
  }
  return count;
}

}  // namespace espalier::simplify
