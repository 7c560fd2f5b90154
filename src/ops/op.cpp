// The registry of operators: finding, inferring and evaluating through the list in ops.inc.
#include "ops/op.h"

#include <algorithm>
#include <unordered_map>

#include "base/check.h"
#include "ops/scales.h"

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

// Far above any network; the sum over all nodes fits in 63 bits.
constexpr int64_t kMacCountMax = int64_t{1} << 48;

// What a network computes has elements; constants that only describe shapes may be empty.
Status check_output(const Node& node, const TensorType& type) {
  const std::optional<int64_t> count = checked_element_count(type.shape);
  if (!count) return error("the output shape {} is too large", espalier::to_string(type.shape));
  const bool constant = std::all_of(node.inputs.begin(), node.inputs.end(),
                                    [](const Value* input) { return input == nullptr || input->is_constant(); });
  if (*count == 0 && !constant) return error("the output {} has no element", espalier::to_string(type));
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
    for (const TensorType& type : types) TRY_STATUS(check_output(node, type));
    if (entry->spec->mac_count != nullptr && entry->spec->mac_count(node) > kMacCountMax)
      return error("it needs more than {} multiply-accumulates", kMacCountMax);
    return types;
  }
  Status check_scales(const Node& node) const override { return ops::check_scales(node); }
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

bool is_cheap(const Node& node) {
  constexpr double kStepCountMax = 1e8;
  double steps = static_cast<double>(element_count(node.output()->shape()));
  if (node.has("kernel"))
    for (const int64_t side : node.integers("kernel")) steps *= static_cast<double>(side);
  // The reference of a convolution walks padded taps too, and taps of no channels.
  if (node.op == "conv2d")
    steps *= static_cast<double>(node.inputs[1]->shape()[1]) * static_cast<double>(node.inputs[1]->shape()[2]);
  return steps + static_cast<double>(mac_count(node)) < kStepCountMax;
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
