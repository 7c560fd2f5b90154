// Folding a scale and an offset per output channel into weights and bias (simplify/scale_weights.h).
#include "simplify/scale_weights.h"

#include "graph/match.h"
#include "graph/stored_constant.h"

namespace espalier::simplify {

bool can_scale(const Graph& graph, const Node* node, const Node* reader) {
  if (node == nullptr || (node->op != "conv2d" && node->op != "linear")) return false;
  const Value* bias = node->input(2);
  return node->inputs[0]->type.type == DataType::f32 && node->inputs[1]->is_constant() &&
         (bias == nullptr || bias->is_constant()) && node->text("activation", "none") == "none" &&
         only_reader(graph, node->output()) == reader;
}

namespace {

// Stored integers stay as they are where the factors can join their scales: positive, along the output channels.
std::optional<Quantization> scaled(const Value& weights, const std::vector<float>& factors) {
  if (!weights.is_stored_as_integers() || weights.quantization->axis > 0) return std::nullopt;
  Quantization quantization = *weights.quantization;
  quantization.scales.assign(factors.size(), quantization.scales[0]);
  if (weights.quantization->axis == 0) quantization.scales = weights.quantization->scales;
  quantization.axis = 0;
  for (size_t o = 0; o < factors.size(); ++o) {
    quantization.scales[o] *= factors[o];
    if (!(quantization.scales[o] >= 1e-30f && quantization.scales[o] <= 1e29f)) return std::nullopt;
  }
  return quantization;
}

Value* scaled_weights(Graph& graph, const Node& node, const std::vector<float>& factors) {
  const Value& old = *node.inputs[1];
  const std::string name = node.name + ".weights";
  if (const auto quantization = scaled(old, factors))
    return add_stored_constant(graph, name, old.integers, *quantization);
  Tensor weights(DataType::f32, old.shape());
  float* w = weights.mutable_data<float>();
  const int64_t row = weights.count() / static_cast<int64_t>(factors.size());  // weights of one output channel
  for (int64_t i = 0; i < weights.count(); ++i)
    w[i] = old.constant.data<float>()[i] * factors[static_cast<size_t>(i / row)];
  return graph.add_constant(name, std::move(weights));
}

}  // namespace

void scale_outputs(Graph& graph, Node* node, const std::vector<float>& scale, const std::vector<float>& offset) {
  const auto channels = static_cast<int64_t>(scale.size());
  const Value* old_bias = node->input(2);
  Tensor bias(DataType::f32, {channels});
  float* b = bias.mutable_data<float>();
  for (int64_t o = 0; o < channels; ++o) {
    const float product =
        old_bias == nullptr ? 0.0f : old_bias->constant.data<float>()[o] * scale[static_cast<size_t>(o)];
    b[o] = product + offset[static_cast<size_t>(o)];
  }
  graph.set_inputs(node, {node->inputs[0], scaled_weights(graph, *node, scale),
                          graph.add_constant(node->name + ".bias", std::move(bias))});
}

}  // namespace espalier::simplify
