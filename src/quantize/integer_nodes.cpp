// Checks and tables of integer nodes (quantize/integer_nodes.h).
#include "quantize/integer_nodes.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "numerics/quantize.h"
#include "numerics/tables.h"
#include "ops/op.h"

namespace espalier::quantize {

Status check_constants(const Node& node) {
  const bool is_product = ops::find_op(node.op)->integer == ops::IntegerRule::product_sum;
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    const Value* value = node.inputs[i];
    if (value == nullptr || !value->is_constant() || value->type.type != DataType::f32) continue;
    const float* data = value->constant.data<float>();
    for (int64_t at = 0; at < value->constant.count(); ++at)
      if (std::isnan(data[at]) || (is_product && std::isinf(data[at])))
        return error(
            "node \"{}\" ({}): its {} \"{}\" hold {} at element {}. The network was trained or exported wrongly",
            node.name, node.op,
            is_product && i == 2 ? "bias"
            : is_product         ? "weights"
                                 : "constants",
            value->name, data[at], at);
  }
  return {};
}

Value loose_constant(const std::string& name, Tensor tensor, std::optional<Quantization> quantization) {
  Value value;
  value.name = name;
  value.type = {tensor.type(), tensor.shape()};
  value.constant = std::move(tensor);
  value.quantization = std::move(quantization);
  return value;
}

Reason scales_fit(const Node& node, const std::vector<Value*>& inputs, const Quantization& quantization) {
  Value output;
  output.type = {DataType::s8, node.output()->shape()};
  output.quantization = quantization;
  const Node candidate{
      .op = node.op, .name = node.name, .inputs = inputs, .outputs = {&output}, .attributes = node.attributes};
  const Status scales = ops::op_lookup().check_scales(candidate);
  return scales.ok() ? kApplies : Reason(scales.error().message());
}

Value* put_integer_node(Graph& graph, const Node& node, const std::string& op, const std::vector<Value*>& inputs,
                        const Attributes& attributes, const Quantization& quantization) {
  Value* output = graph.add_value(node.output()->name, {DataType::s8, node.output()->shape()});
  output->quantization = quantization;
  graph.add_node(op, node.name, inputs, attributes, std::vector<Value*>{output});
  return output;
}

void put_float_node(Graph& graph, const Node& node, const std::vector<Value*>& inputs,
                    std::unordered_map<const Value*, Value*>& reals) {
  std::vector<Value*> outputs;
  for (const Value* output : node.outputs) {
    outputs.push_back(graph.add_value(output->name, output->type));
    outputs.back()->quantization = output->quantization;
    reals[output] = outputs.back();
  }
  graph.add_node(node.op, node.name, inputs, node.attributes, outputs);
}

Attributes table_attributes(const Node& node) {
  Attributes attributes = {{"function", node.op}};
  std::string parameters;
  for (const auto& [name, value] : node.attributes) {
    const float* number = std::get_if<float>(&value);
    const std::string* text = std::get_if<std::string>(&value);
    CHECK(number != nullptr || text != nullptr, "{} is a function of its {}", node.op, name);
    parameters += fmt::format("{}{}={}", parameters.empty() ? "" : ",", name,
                              number != nullptr ? fmt::format("{}", *number) : *text);
  }
  if (!parameters.empty()) attributes["parameters"] = parameters;
  return attributes;
}

Tensor unary_entries(const Node& node, const Value& x, const Quantization& output) {
  const auto function = ops::find_op(node.op)->function;
  const UnaryTable entries = unary_table([&](double real) { return function(real, node); }, x.scale(), x.zero_point(),
                                         output.scales[0], output.zero_point);
  Tensor table(DataType::s8, {256});
  std::copy(entries.begin(), entries.end(), table.mutable_data<int8_t>());
  return table;
}

Tensor rescaling_entries(const Value& x, const Quantization& output) {
  Tensor table(DataType::s8, {256});
  for (int q = -128; q < 128; ++q)
    table.mutable_data<int8_t>()[q + 128] =
        quantize_s8(dequantize(static_cast<int8_t>(q), x.scale(), x.zero_point()), output.scales[0], output.zero_point);
  return table;
}

}  // namespace espalier::quantize
