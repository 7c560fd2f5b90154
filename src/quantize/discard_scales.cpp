// The way back to a float graph (quantize/discard_scales.h).
#include "quantize/discard_scales.h"

#include <algorithm>
#include <unordered_map>

#include "base/check.h"
#include "ops/op.h"

namespace espalier::quantize {
namespace {

using ops::IntegerRule;

IntegerRule rule_of(const Node& node) { return ops::find_op(node.op)->integer; }

bool is_scalar_constant(const Value* value) { return value->is_constant() && value->constant.count() == 1; }

// Values that are never below zero, by what computes them. In running order: inputs are known before outputs.
class Signs {
 public:
  bool is_never_negative(const Value* value) {
    if (value->is_constant()) {
      const float* data = value->constant.type() == DataType::f32 ? value->constant.data<float>() : nullptr;
      return data != nullptr && std::all_of(data, data + value->constant.count(), [](float x) { return x >= 0; });
    }
    if (value->producer == nullptr) return false;
    const auto known = known_.find(value);
    if (known != known_.end()) return known->second;
    return known_[value] = follows(*value->producer);
  }

 private:
  bool follows(const Node& node) {
    static const std::vector<std::string> kAlways = {"relu", "sigmoid", "hard_sigmoid", "softmax",
                                                     "exp",  "sqrt",    "abs"};
    static const std::vector<std::string> kAsInputs = {
        "add", "mul", "max", "min", "average_pool", "reduce_mean", "reduce_sum", "reduce_max", "reduce_min"};
    if (std::find(kAlways.begin(), kAlways.end(), node.op) != kAlways.end()) return true;
    if (node.op == "clip" && node.real("clip_min", -1) >= 0) return true;
    if (node.op == "mul" && node.inputs[0] == node.inputs[1]) return true;
    if (node.op == "pow" && is_scalar_constant(node.inputs[1]) && node.inputs[1]->constant.type() == DataType::f32 &&
        *node.inputs[1]->constant.data<float>() == 2)
      return true;
    const IntegerRule rule = rule_of(node);
    if (rule == IntegerRule::keep_scale) return is_never_negative(node.inputs[0]);
    return (rule == IntegerRule::join || std::find(kAsInputs.begin(), kAsInputs.end(), node.op) != kAsInputs.end()) &&
           std::all_of(node.inputs.begin(), node.inputs.end(), [&](const Value* x) { return is_never_negative(x); });
  }

  std::unordered_map<const Value*, bool> known_;
};

// What computes a value, behind nodes that only move one tensor's elements.
const Node* computing_node(const Value* value) {
  const Node* node = value->producer;
  while (node != nullptr && rule_of(*node) == IntegerRule::keep_scale) node = node->inputs[0]->producer;
  return node;
}

// Quantizers leave out a ReLU or a clip where saturation does the same. Behind sums that may be anywhere in the range;
// behind other operators it shows as a range that begins at a zero below which the operator would go.
bool may_replace_activation(const Node& quantize, Signs& signs) {
  const Node* node = computing_node(quantize.inputs[0]);
  if (node == nullptr) return false;
  const bool is_clamped = node->op == "relu" || node->op == "clip";
  if (!is_clamped && signs.is_never_negative(quantize.inputs[0])) return false;
  const bool is_sum = rule_of(*node) == IntegerRule::product_sum || is_clamped ||
                      (node->op == "add" && std::none_of(node->inputs.begin(), node->inputs.end(), is_scalar_constant));
  return is_sum || quantize.output()->zero_point() == -128;
}

Value* clip_to_range(Graph& graph, const Node& quantize) {
  const Value& q = *quantize.output();
  const float min = static_cast<float>(-128 - q.zero_point()) * q.scale();
  const float max = static_cast<float>(127 - q.zero_point()) * q.scale();
  return graph.add_node("clip", quantize.name + ".range", {quantize.inputs[0]}, {{"clip_min", min}, {"clip_max", max}},
                        quantize.inputs[0]->type);
}

}  // namespace

bool has_scales(const Graph& graph) {
  const std::vector<Node*> nodes = graph.nodes();
  return std::any_of(nodes.begin(), nodes.end(),
                     [](const Node* node) { return node->op == "quantize" || node->op == "dequantize"; });
}

Discarded discard_scales(Graph& graph) {
  Discarded discarded;
  Signs signs;
  std::unordered_map<const Node*, Value*> clips;
  for (Node* node : graph.nodes()) {
    if (node->op != "dequantize") continue;
    const Node* quantize = node->inputs[0]->producer;
    if (quantize == nullptr || quantize->op != "quantize") continue;
    Value* real = quantize->inputs[0];
    if (clips.contains(quantize)) {
      real = clips.at(quantize);
    } else if (may_replace_activation(*quantize, signs)) {
      real = clips[quantize] = clip_to_range(graph, *quantize);
      ++discarded.clip_count;
    }
    graph.replace(node, real);
    ++discarded.pair_count;
  }
  for (Value* value : graph.values()) {
    if (!value->is_stored_as_integers()) continue;
    value->integers = Tensor();
    value->quantization.reset();
  }
  CHECK(graph.sort().ok(), "clips stand where their inputs are known");
  return discarded;
}

}  // namespace espalier::quantize
