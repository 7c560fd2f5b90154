// fold_batch_norm: a batch norm, which the readers write as a depthwise 1x1 conv2d, joins the conv2d that feeds
// it when that node has no other reader. Weights change, shapes do not.
#include "simplify/passes.h"
#include "simplify/scale_weights.h"

namespace espalier::simplify {
namespace {

// A product and a sum per channel and nothing else.
bool is_batch_norm(const Node& node) {
  if (node.op != "conv2d" || !node.inputs[1]->is_constant()) return false;
  const Shape& weights = node.inputs[1]->shape();
  const bool depthwise =
      node.integer("groups", 1) == node.inputs[0]->shape()[3] && weights[0] == node.inputs[0]->shape()[3];
  const bool pointwise = weights[1] == 1 && weights[2] == 1 && node.output()->shape() == node.inputs[0]->shape() &&
                         node.integers("padding", {0, 0, 0, 0}) == std::vector<int64_t>{0, 0, 0, 0};
  return depthwise && pointwise && (node.input(2) == nullptr || node.input(2)->is_constant()) &&
         node.inputs[0]->type.type == DataType::f32;
}

std::vector<float> elements(const Value* value, size_t count) {
  if (value == nullptr) return std::vector<float>(count, 0.0f);
  const float* data = value->constant.data<float>();
  return {data, data + count};
}

}  // namespace

int fold_batch_norm(Graph& graph) {
  int count = 0;
  for (Node* norm : graph.nodes()) {
    if (norm->op.empty() || !is_batch_norm(*norm)) continue;
    Node* producer = norm->inputs[0]->producer;
    if (!can_scale(graph, producer, norm)) continue;
    const auto channels = static_cast<size_t>(norm->output()->shape()[3]);
    scale_outputs(graph, producer, elements(norm->inputs[1], channels), elements(norm->input(2), channels));
    // An activation that was fused into the batch norm goes along.
    for (const char* name : {"activation", "clip_min", "clip_max"})
      if (norm->has(name)) producer->attributes[name] = norm->attributes.at(name);
    graph.replace(norm, producer->output());
    ++count;
  }
  return count;
}

}  // namespace espalier::simplify
