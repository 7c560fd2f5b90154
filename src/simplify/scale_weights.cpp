// Folding a scale and an offset per output channel into weights and bias (simplify/scale_weights.h).
#include "simplify/scale_weights.h"

#include "graph/match.h"

namespace espalier::simplify {

bool can_scale(const Graph& graph, const Node* node, const Node* reader) {
  if (node == nullptr || (node->op != "conv2d" && node->op != "linear")) return false;
  const Value* bias = node->input(2);
  return node->inputs[0]->type.type == DataType::f32 && node->inputs[1]->is_constant() &&
         (bias == nullptr || bias->is_constant()) && node->text("activation", "none") == "none" &&
         only_reader(graph, node->output()) == reader;
}

void scale_outputs(Graph& graph, Node* node, const std::vector<float>& scale, const std::vector<float>& offset) {
  const Value* old_weights = node->inputs[1];
  Tensor weights(DataType::f32, old_weights->shape());
  float* w = weights.mutable_data<float>();
  const auto channels = static_cast<int64_t>(scale.size());
  const int64_t row = weights.count() / channels;  // weights of one output channel lie together
  for (int64_t i = 0; i < weights.count(); ++i)
    w[i] = old_weights->constant.data<float>()[i] * scale[static_cast<size_t>(i / row)];

  const Value* old_bias = node->input(2);
  Tensor bias(DataType::f32, {channels});
  float* b = bias.mutable_data<float>();
  for (int64_t o = 0; o < channels; ++o) {
    const float product =
        old_bias == nullptr ? 0.0f : old_bias->constant.data<float>()[o] * scale[static_cast<size_t>(o)];
    b[o] = product + offset[static_cast<size_t>(o)];
  }
  graph.set_inputs(node, {node->inputs[0], graph.add_constant(node->name + ".weights", std::move(weights)),
                          graph.add_constant(node->name + ".bias", std::move(bias))});
}

}  // namespace espalier::simplify
