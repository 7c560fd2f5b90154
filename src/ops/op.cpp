// The registry of operators: finding, inferring and evaluating through the list in ops.inc.
#include "ops/op.h"

#include <algorithm>
#include <unordered_map>

#include "base/check.h"

namespace espalier::ops {
namespace {

struct Entry {
  std::string name;
  const OpSpec* spec;
  Signature signature;
};

Signature signature_of(const OpSpec& spec) {
  Signature signature;
  for (const InputSpec& input : spec.inputs) {
    signature.inputs.push_back(input.name);
    if (!input.optional) ++signature.required_count;
  }
  signature.variadic = spec.variadic;
  return signature;
}

const std::vector<Entry>& entries() {
  static const std::vector<Entry> list = {
#define OP(name) {#name, &name, signature_of(name)},
#include "ops/ops.inc"
#undef OP
  };
  return list;
}

const Entry* find_entry(const std::string& name) {
  static const auto index = [] {
    std::unordered_map<std::string, const Entry*> map;
    for (const Entry& entry : entries()) map[entry.name] = &entry;
    return map;
  }();
  const auto found = index.find(name);
  return found == index.end() ? nullptr : found->second;
}

Status check_input_types(const Node& node, const OpSpec& spec) {
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    const InputSpec& input = spec.inputs[std::min(i, spec.inputs.size() - 1)];
    if (node.inputs[i] == nullptr) {
      if (!input.optional) return error("input \"{}\" is missing", input.name);
    } else if (!is_one_of(node.inputs[i]->type.type, input.types)) {
      return error("input \"{}\" is {}, permitted are {}", input.name, name(node.inputs[i]->type.type),
                   to_string(input.types));
    }
  }
  return {};
}

const char* describe(AttributeKind kind) {
  switch (kind) {
    case AttributeKind::integer: return "a whole number";
    case AttributeKind::real: return "a real number, such as 1.0";
    case AttributeKind::text: return "a text in quotes";
    case AttributeKind::integers: return "a list of whole numbers";
    case AttributeKind::reals: return "a list of real numbers";
  }
  return "";
}

// After it, Node::integer and its like find what they look for.
Status check_attributes(const Node& node, const OpSpec& spec) {
  for (const auto& [attribute, value] : node.attributes) {
    const auto known = std::find_if(spec.attributes.begin(), spec.attributes.end(),
                                    [&](const AttributeSpec& candidate) { return candidate.name == attribute; });
    if (known == spec.attributes.end()) return error("{} has no attribute \"{}\"", node.op, attribute);
    if (value.index() != static_cast<size_t>(known->kind))
      return error("attribute \"{}\" must be {}", attribute, describe(known->kind));
  }
  return {};
}

Status check_one_scale(const Value& value) {
  if (!value.quantization || !value.quantization->per_tensor())
    return error("value {} is {} and needs one scale", value.name, espalier::to_string(value.type));
  return {};
}

// Weights have one scale, or one per output channel; the multipliers are indexed by it.
Status check_weight_scales(const Value& weights) {
  if (!weights.quantization || weights.quantization->axis > 0)
    return error("the weights {} need one scale, or one per output channel", espalier::to_string(weights.type));
  return {};
}

Status check_product_scales(const Node& node) {
  TRY_STATUS(check_one_scale(*node.inputs[0]));
  TRY_STATUS(check_weight_scales(*node.inputs[1]));
  return check_one_scale(*node.output());
}

Status check_rescale(const Node& node) {
  for (const Value* input : node.inputs) TRY_STATUS(check_one_scale(*input));
  return check_one_scale(*node.output());
}

// Elements that only move may be bytes without a scale; an output of another scale would change what they mean.
Status check_kept_scale(const Node& node, const OpSpec& spec) {
  const Value& x = *node.inputs[0];
  if (spec.inputs[0].types != kAnyType) TRY_STATUS(check_one_scale(x));
  if (node.output()->quantization != x.quantization)
    return error("its output must have the scale and zero point of its input");
  return {};
}

class Lookup : public OpLookup {
 public:
  const Signature* signature(const std::string& op) const override {
    const Entry* entry = find_entry(op);
    return entry == nullptr ? nullptr : &entry->signature;
  }
  Result<std::vector<TensorType>> infer(const Node& node) const override {
    const Entry* entry = find_entry(node.op);
    if (entry == nullptr) return error("there is no operator \"{}\"", node.op);
    const Signature& signature = entry->signature;
    if (node.inputs.size() < signature.required_count ||
        (!signature.variadic && node.inputs.size() > signature.inputs.size()))
      return error("{} inputs are given, {} to {} are needed", node.inputs.size(), signature.required_count,
                   signature.variadic ? "any number" : std::to_string(signature.inputs.size()));
    TRY_STATUS(check_input_types(node, *entry->spec));
    TRY_STATUS(check_attributes(node, *entry->spec));
    std::vector<TensorType> types = TRY(entry->spec->infer(node));
    for (const TensorType& type : types)
      if (!checked_element_count(type.shape)) return error("the output shape {} is too large", espalier::to_string(type.shape));
    return types;
  }
  Status check_scales(const Node& node) const override {
    if (node.op == "quantize") return check_one_scale(*node.output());
    if (node.op == "dequantize") return check_one_scale(*node.inputs[0]);
    if (node.inputs.empty() || node.inputs[0]->type.type != DataType::s8) return {};
    const OpSpec& spec = *find_op(node.op);
    switch (spec.integer) {
      case IntegerRule::product_sum: return check_product_scales(node);
      case IntegerRule::rescale: return check_rescale(node);
      case IntegerRule::keep_scale: return check_kept_scale(node, spec);
      case IntegerRule::table:
      case IntegerRule::none: return {};
    }
    return {};
  }
};

}  // namespace

const OpSpec* find_op(const std::string& name) {
  const Entry* entry = find_entry(name);
  return entry == nullptr ? nullptr : entry->spec;
}

const std::vector<std::string>& op_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const Entry& entry : entries()) list.push_back(entry.name);
    return list;
  }();
  return names;
}

const OpLookup& op_lookup() {
  static const Lookup lookup;
  return lookup;
}

int64_t mac_count(const Node& node) {
  const OpSpec* spec = find_op(node.op);
  return spec == nullptr || spec->mac_count == nullptr ? 0 : spec->mac_count(node);
}

bool is_one_of(DataType type, TypeSet types) { return (type_bit(type) & types) != 0; }

std::string to_string(TypeSet types) {
  std::string text;
  for (int i = 0; i < 8; ++i)
    if (is_one_of(static_cast<DataType>(i), types))
      text += (text.empty() ? "" : " ") + std::string(name(static_cast<DataType>(i)));
  return text;
}

Status infer_outputs(Node* node) {
  const std::vector<TensorType> types = TRY(op_lookup().infer(*node));
  CHECK(types.size() == node->outputs.size());
  for (size_t i = 0; i < types.size(); ++i) node->outputs[i]->type = types[i];
  return {};
}

Evaluate find_meaning(const Node& node) {
  const OpSpec* spec = find_op(node.op);
  CHECK(spec != nullptr, "{}", node.op);
  for (const Meaning& meaning : spec->evaluate)
    if (is_one_of(node.inputs[0]->type.type, meaning.first_input_types)) return meaning.run;
  return nullptr;
}

Result<std::vector<Tensor>> evaluate(const Node& node, const std::vector<Tensor>& inputs) {
  const Evaluate run = find_meaning(node);
  if (run == nullptr)
    return error("node \"{}\" ({}) has no meaning for {}", node.name, node.op, name(node.inputs[0]->type.type));
  std::vector<Tensor> outputs;
  EvalArgs args{.node = node, .inputs = {}, .outputs = {}};
  for (const Tensor& input : inputs) args.inputs.push_back(input.bytes());
  for (const Value* output : node.outputs) outputs.emplace_back(output->type.type, output->type.shape);
  for (Tensor& output : outputs) args.outputs.push_back(output.mutable_bytes());
  run(args);
  return outputs;
}

}  // namespace espalier::ops
