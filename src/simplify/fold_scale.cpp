// fold_scale: a product with, or a sum of, a constant per output channel joins the conv2d or linear before it.
#include "graph/match.h"
#include "simplify/passes.h"
#include "simplify/scale_weights.h"

namespace espalier::simplify {
namespace {

// The constant as one number per channel (the last dimension); nothing when it differs within a channel.
std::optional<std::vector<float>> per_channel(const Value* value, int64_t channels) {
  if (value == nullptr || !value->is_constant() || value->type.type != DataType::f32) return std::nullopt;
  const Tensor& data = value->constant;
  if (data.count() == 1) return std::vector<float>(static_cast<size_t>(channels), data.data<float>()[0]);
  if (data.count() != channels || value->shape().back() != channels) return std::nullopt;
  return std::vector<float>(data.data<float>(), data.data<float>() + channels);
}

bool fold(Graph& graph, Node* node) {
  const bool is_mul = node->op == "mul";
  if ((!is_mul && node->op != "add") || node->inputs.size() != 2 || node->text("activation", "none") != "none")
    return false;
  for (size_t side = 0; side < 2; ++side) {
    Value* input = node->inputs[side];
    Node* producer = input->producer;
    if (!can_scale(graph, producer, node) || node->output()->shape() != input->shape()) continue;
    const auto channels = static_cast<size_t>(input->shape().back());
    const auto constant = per_channel(node->inputs[1 - side], input->shape().back());
    if (!constant) continue;
    const std::vector<float> ones(channels, 1.0f);
    const std::vector<float> zeros(channels, 0.0f);
    scale_outputs(graph, producer, is_mul ? *constant : ones, is_mul ? zeros : *constant);
    graph.replace(node, producer->output());
    return true;
  }
  return false;
}

}  // namespace

int fold_scale(Graph& graph) {
  int count = 0;
  for (Node* node : graph.nodes()) count += fold(graph, node);
  return count;
}

}  // namespace espalier::simplify
