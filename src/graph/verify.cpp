// The invariants of graph/verify.h.
#include "graph/verify.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "graph/text.h"

namespace espalier {
namespace {

Error at_node(const Node& node, const Error& error) {
  return error.at(fmt::format("node \"{}\" ({})", node.name, node.op));
}

Status verify_quantization_of(const Value& value) {
  const Quantization& quantization = *value.quantization;
  const auto rank = static_cast<int64_t>(value.shape().size());
  if (quantization.axis < -1 || quantization.axis >= rank)
    return error("value {}: quantization axis {} is outside of {} dimensions", value.name, quantization.axis, rank);
  const int64_t wanted = quantization.per_tensor() ? 1 : value.shape()[static_cast<size_t>(quantization.axis)];
  if (static_cast<int64_t>(quantization.scales.size()) != wanted)
    return error("value {}: {} scales, {} are needed", value.name, quantization.scales.size(), wanted);
  for (const float scale : quantization.scales)
    if (!(std::isfinite(scale) && scale > 0))
      return error("value {}: scale {} is not a positive number", value.name, scale);
  const DataType type = value.is_stored_as_integers() ? value.integers.type() : value.type.type;
  const int64_t bound = type == DataType::s8 ? 128 : 0;
  if (quantization.zero_point < -bound || quantization.zero_point > std::max<int64_t>(bound - 1, 0))
    return error("value {}: zero point {} does not fit {}", value.name, quantization.zero_point, name(type));
  if (type != DataType::s8 && type != DataType::s32)
    return error("value {}: {} carries a scale, only s8 and s32 may", value.name, name(type));
  return {};
}

// "the integers behind a real constant have its shape and say what they mean"
Status verify_integers_of(const Value& value) {
  if (value.type.type != DataType::f32 || !value.is_constant() || !value.quantization ||
      value.integers.shape() != value.shape())
    return error("value {} is stored as integers of {}, but is no real constant of that shape with a scale", value.name,
                 to_string(value.integers.shape()));
  return {};
}

// "the user's type is the value's, or f32, or u8 shifted by 128, where quantization made the value"
Status verify_port_type(const Port& port) {
  const Value& value = *port.value;
  if (port.type.type == value.type.type) return {};
  const bool quantized = value.type.type == DataType::s8 && value.quantization && value.quantization->per_tensor();
  if (quantized && (port.type.type == DataType::f32 || port.type.type == DataType::u8)) return {};
  return error("port \"{}\": the user's type is {}, the value is {}{}", port.name, name(port.type.type),
               name(value.type.type), quantized ? ", which f32 and u8 may stand for" : "");
}

Status verify_port(const Port& port) {
  const Shape& shape = port.value->shape();
  TRY_STATUS(verify_port_type(port));
  if (port.permutation.empty()) {
    if (port.type.shape != shape)
      return error("port \"{}\": the user's shape {} is not the value's {}", port.name, to_string(port.type.shape),
                   to_string(shape));
    return {};
  }
  std::vector<int64_t> sorted = port.permutation;
  std::sort(sorted.begin(), sorted.end());
  for (size_t i = 0; i < sorted.size(); ++i)
    if (sorted[i] != static_cast<int64_t>(i)) return error("port \"{}\": its permutation is none", port.name);
  if (sorted.size() != shape.size() || port.type.shape.size() != shape.size())
    return error("port \"{}\": a permutation of {} dimensions on a value of {}", port.name, sorted.size(),
                 shape.size());
  for (size_t i = 0; i < shape.size(); ++i)
    if (port.type.shape[static_cast<size_t>(port.permutation[i])] != shape[i])
      return error("port \"{}\": the user's shape {} does not permute to the value's {}", port.name,
                   to_string(port.type.shape), to_string(shape));
  return {};
}

}  // namespace

Status verify_graph(const Graph& graph, const OpLookup& ops) {
  TRY_STATUS(verify_order(graph));
  TRY_STATUS(verify_inputs(graph, ops));
  TRY_STATUS(verify_values(graph));
  TRY_STATUS(verify_types(graph, ops));
  TRY_STATUS(verify_quantization(graph));
  TRY_STATUS(verify_scales(graph, ops));
  return verify_ports(graph);
}

Status verify_order(const Graph& graph) {
  std::unordered_set<const Node*> seen;
  for (const Node* node : graph.nodes()) {
    for (const Value* input : node->inputs)
      if (input != nullptr && input->producer != nullptr && !seen.contains(input->producer))
        return at_node(*node, error("it comes before \"{}\", which feeds it", input->producer->name));
    seen.insert(node);
  }
  return {};
}

Status verify_inputs(const Graph& graph, const OpLookup& ops) {
  for (const Node* node : graph.nodes()) {
    const Signature* signature = ops.signature(node->op);
    if (signature == nullptr) return at_node(*node, error("there is no such operator"));
    if (!signature->variadic && node->inputs.size() > signature->inputs.size())
      return at_node(*node,
                     error("it has {} inputs, at most {} are known", node->inputs.size(), signature->inputs.size()));
    for (size_t i = 0; i < signature->required_count; ++i)
      if (node->input(i) == nullptr) return at_node(*node, error("its input \"{}\" is missing", signature->inputs[i]));
    if (node->outputs.empty()) return at_node(*node, error("it has no output"));
  }
  return {};
}

Status verify_values(const Graph& graph) {
  std::unordered_set<const Value*> defined;
  for (const Port& port : graph.inputs()) {
    if (port.value->producer != nullptr) return error("input \"{}\" is also made by a node", port.name);
    if (!defined.insert(port.value).second) return error("input \"{}\" is the value of another input too", port.name);
    if (element_count(port.value->shape()) < 1)
      return error("input \"{}\" has no element: {}", port.name, to_string(port.value->type));
  }
  for (const Node* node : graph.nodes())
    for (const Value* output : node->outputs) {
      if (output->producer != node || output->is_constant())
        return at_node(*node, error("its output {} has another producer", output->name));
      defined.insert(output);
    }
  const auto is_defined = [&](const Value* value) { return value->is_constant() || defined.contains(value); };
  for (const Node* node : graph.nodes())
    for (const Value* input : node->inputs)
      if (input != nullptr && !is_defined(input))
        return at_node(*node, error("nothing gives its input {} a value", input->name));
  for (const Port& port : graph.outputs())
    if (!is_defined(port.value)) return error("nothing gives the output \"{}\" a value", port.name);
  for (const Value* value : graph.values()) {
    if (!checked_element_count(value->shape()))
      return error("value {} has the impossible shape {}", value->name, to_string(value->shape()));
    if (value->is_constant() &&
        (value->constant.type() != value->type.type || value->constant.shape() != value->type.shape))
      return error("constant {} is {} but its data is {}[{}]", value->name, to_string(value->type),
                   name(value->constant.type()), to_string(value->constant.shape()));
  }
  return {};
}

Status verify_types(const Graph& graph, const OpLookup& ops) {
  for (const Node* node : graph.nodes()) {
    const Result<std::vector<TensorType>> types = ops.infer(*node);
    if (!types.ok()) return at_node(*node, types.error());
    if (types->size() != node->outputs.size())
      return at_node(*node, error("it has {} outputs, the operator makes {}", node->outputs.size(), types->size()));
    for (size_t i = 0; i < types->size(); ++i)
      if ((*types)[i] != node->outputs[i]->type)
        return at_node(*node, error("its output {} is {}, the operator makes {}", node->outputs[i]->name,
                                    to_string(node->outputs[i]->type), to_string((*types)[i])));
  }
  return {};
}

Status verify_quantization(const Graph& graph) {
  for (const Value* value : graph.values()) {
    if (value->is_stored_as_integers()) TRY_STATUS(verify_integers_of(*value));
    if (value->quantization) TRY_STATUS(verify_quantization_of(*value));
  }
  return {};
}

Status verify_scales(const Graph& graph, const OpLookup& ops) {
  for (const Node* node : graph.nodes()) {
    const Status status = ops.check_scales(*node);
    if (!status.ok()) return at_node(*node, status.error());
  }
  return {};
}

Status verify_ports(const Graph& graph) {
  if (graph.outputs().empty()) return error("the graph has no output");
  for (const std::vector<Port>* ports : {&graph.inputs(), &graph.outputs()}) {
    std::unordered_set<std::string> names;
    for (const Port& port : *ports)
      if (!names.insert(port.name).second) return error("two ports have the name \"{}\"", port.name);
  }
  for (const Port& port : graph.inputs()) TRY_STATUS(verify_port(port));
  for (const Port& port : graph.outputs()) TRY_STATUS(verify_port(port));
  return {};
}

}  // namespace espalier
