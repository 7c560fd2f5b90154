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
    for (const auto& [attribute, value] : node.attributes)
      if (std::none_of(entry->spec->attributes.begin(), entry->spec->attributes.end(),
                       [&](const AttributeSpec& known) { return known.name == attribute; }))
        return error("{} has no attribute \"{}\"", node.op, attribute);
    std::vector<TensorType> types = TRY(entry->spec->infer(node));
    for (const TensorType& type : types)
      if (!checked_element_count(type.shape)) return error("the output shape {} is too large", espalier::to_string(type.shape));
    return types;
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
