// Bookkeeping of values, nodes and readers for graph/graph.h.
#include "graph/graph.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "base/check.h"

namespace espalier {
namespace {

template <class T>
const T* find_attribute(const Node& node, const std::string& attribute) {
  const auto found = node.attributes.find(attribute);
  if (found == node.attributes.end()) return nullptr;
  const T* value = std::get_if<T>(&found->second);
  CHECK(value != nullptr, "node {}: attribute {} is of another kind", node.name, attribute);
  return value;
}

template <class T>
T attribute_or(const Node& node, const std::string& attribute, const T& absent) {
  const T* value = find_attribute<T>(node, attribute);
  return value == nullptr ? absent : *value;
}

void remove_one_reader(Value* value, Node* node) {
  if (value == nullptr) return;
  const auto found = std::find(value->readers.begin(), value->readers.end(), node);
  CHECK(found != value->readers.end());
  value->readers.erase(found);
}

}  // namespace

std::string to_string(const TensorType& type) {
  std::string text(name(type.type));
  text += '[';
  for (size_t i = 0; i < type.shape.size(); ++i) text += (i ? "," : "") + std::to_string(type.shape[i]);
  return text + ']';
}

int64_t Node::integer(const std::string& attribute, int64_t absent) const {
  return attribute_or(*this, attribute, absent);
}
float Node::real(const std::string& attribute, float absent) const { return attribute_or(*this, attribute, absent); }
std::string Node::text(const std::string& attribute, const std::string& absent) const {
  return attribute_or(*this, attribute, absent);
}
std::vector<int64_t> Node::integers(const std::string& attribute, const std::vector<int64_t>& absent) const {
  return attribute_or(*this, attribute, absent);
}

std::string Graph::unique_name(const std::string& name) {
  const int count = name_counts_[name]++;
  if (count == 0) return name;
  return unique_name(fmt::format("{}_{}", name, count));
}

Value* Graph::add_value(const std::string& name, TensorType type) {
  Value* value = values_.emplace_back(std::make_unique<Value>()).get();
  value->name = unique_name(name);
  value->type = std::move(type);
  return value;
}

Value* Graph::add_constant(const std::string& name, Tensor data) {
  Value* value = add_value(name, {data.type(), data.shape()});
  value->constant = std::move(data);
  return value;
}

Node* Graph::add_node(const std::string& op, const std::string& name, std::vector<Value*> inputs, Attributes attributes,
                      std::vector<Value*> outputs) {
  Node* node = nodes_.emplace_back(std::make_unique<Node>()).get();
  node->op = op;
  node->name = name;
  node->inputs = std::move(inputs);
  node->outputs = std::move(outputs);
  node->attributes = std::move(attributes);
  for (Value* value : node->inputs)
    if (value != nullptr) value->readers.push_back(node);
  for (Value* value : node->outputs) {
    CHECK(value->producer == nullptr && !value->is_constant(), "value {} is made twice", value->name);
    value->producer = node;
  }
  return node;
}

Value* Graph::add_node(const std::string& op, const std::string& name, std::vector<Value*> inputs,
                       Attributes attributes, TensorType output) {
  Value* value = add_value(name, std::move(output));
  add_node(op, name, std::move(inputs), std::move(attributes), std::vector<Value*>{value});
  return value;
}

void Graph::add_input(Value* value, TensorType user_type) {
  inputs_.push_back({.value = value, .name = value->name, .type = std::move(user_type), .permutation = {}});
}

void Graph::add_output(Value* value, const std::string& name, TensorType user_type) {
  outputs_.push_back({.value = value, .name = name, .type = std::move(user_type), .permutation = {}});
}

void Graph::set_input(Node* node, size_t index, Value* value) {
  remove_one_reader(node->inputs[index], node);
  node->inputs[index] = value;
  if (value != nullptr) value->readers.push_back(node);
}

void Graph::set_inputs(Node* node, std::vector<Value*> values) {
  for (Value* value : node->inputs) remove_one_reader(value, node);
  node->inputs = std::move(values);
  for (Value* value : node->inputs)
    if (value != nullptr) value->readers.push_back(node);
}

void Graph::replace_uses(Value* from, Value* to) {
  const std::vector<Node*> readers = from->readers;
  for (Node* reader : readers)
    for (size_t i = 0; i < reader->inputs.size(); ++i)
      if (reader->inputs[i] == from) set_input(reader, i, to);
  for (Port& port : outputs_)
    if (port.value == from) port.value = to;
}

void Graph::remove(Node* node) {
  for (Value* value : node->outputs) {
    CHECK(is_unused(value), "node {} is removed but {} is read", node->name, value->name);
    value->producer = nullptr;
  }
  for (Value* value : node->inputs) remove_one_reader(value, node);
  node->inputs.clear();
  node->outputs.clear();
  node->op.clear();
  const auto found =
      std::find_if(nodes_.begin(), nodes_.end(), [node](const auto& owned) { return owned.get() == node; });
  CHECK(found != nodes_.end());
  removed_.push_back(std::move(*found));
  nodes_.erase(found);
}

void Graph::remove_if_unused(Node* node) {
  std::vector<Node*> candidates{node};
  while (!candidates.empty()) {
    Node* candidate = candidates.back();
    candidates.pop_back();
    if (candidate == nullptr || candidate->op.empty()) continue;
    if (!std::all_of(candidate->outputs.begin(), candidate->outputs.end(),
                     [this](const Value* output) { return is_unused(output); }))
      continue;
    for (const Value* input : candidate->inputs)
      if (input != nullptr) candidates.push_back(input->producer);
    remove(candidate);
  }
}

void Graph::replace(Node* node, Value* value) {
  replace_uses(node->output(), value);
  remove_if_unused(node);
}

bool Graph::is_output(const Value* value) const {
  return std::any_of(outputs_.begin(), outputs_.end(), [value](const Port& port) { return port.value == value; });
}

std::vector<Node*> Graph::nodes() const {
  std::vector<Node*> nodes;
  for (const auto& node : nodes_) nodes.push_back(node.get());
  return nodes;
}

std::vector<Value*> Graph::values() const {
  std::vector<Value*> values;
  for (const auto& value : values_) values.push_back(value.get());
  return values;
}

Status Graph::sort() {
  // Depth first from the nodes as they stand: a node that was appended late comes right before its first reader.
  enum class Mark : uint8_t { none, open, done };
  std::unordered_map<const Node*, Mark> marks;
  std::vector<Node*> order;
  for (const auto& root : nodes_) {
    std::vector<Node*> stack{root.get()};
    while (!stack.empty()) {
      Node* node = stack.back();
      Mark& mark = marks[node];
      if (mark != Mark::none) {
        if (mark == Mark::open) order.push_back(node);
        mark = Mark::done;
        stack.pop_back();
        continue;
      }
      mark = Mark::open;
      for (auto input = node->inputs.rbegin(); input != node->inputs.rend(); ++input) {
        Node* producer = *input == nullptr ? nullptr : (*input)->producer;
        if (producer == nullptr || marks[producer] == Mark::done) continue;
        if (marks[producer] == Mark::open)
          return error("node \"{}\" ({}) and node \"{}\" ({}) feed each other: the graph has a cycle", node->name,
                       node->op, producer->name, producer->op);
        stack.push_back(producer);
      }
    }
  }

  std::unordered_map<const Node*, std::unique_ptr<Node>> owned;
  for (auto& node : nodes_) owned[node.get()] = std::move(node);
  nodes_.clear();
  for (const Node* node : order) nodes_.push_back(std::move(owned[node]));
  removed_.clear();

  std::unordered_set<const Value*> ports;
  for (const Port& port : inputs_) ports.insert(port.value);
  for (const Port& port : outputs_) ports.insert(port.value);
  std::erase_if(values_, [&](const std::unique_ptr<Value>& value) {
    return value->readers.empty() && value->producer == nullptr && !ports.contains(value.get());
  });
  return {};
}

Graph Graph::clone() const {
  Graph copy;
  std::unordered_map<const Value*, Value*> mapped;
  for (const auto& value : values_) {
    Value* made = copy.values_.emplace_back(std::make_unique<Value>(*value)).get();
    made->producer = nullptr;
    made->readers.clear();
    mapped[value.get()] = made;
  }
  mapped[nullptr] = nullptr;
  const auto map_all = [&](const std::vector<Value*>& values) {
    std::vector<Value*> result;
    for (const Value* value : values) result.push_back(mapped.at(value));
    return result;
  };
  for (const auto& node : nodes_)
    copy.add_node(node->op, node->name, map_all(node->inputs), node->attributes, map_all(node->outputs));
  copy.name_counts_ = name_counts_;
  copy.inputs_ = inputs_;
  copy.outputs_ = outputs_;
  for (Port& port : copy.inputs_) port.value = mapped.at(port.value);
  for (Port& port : copy.outputs_) port.value = mapped.at(port.value);
  return copy;
}

}  // namespace espalier
