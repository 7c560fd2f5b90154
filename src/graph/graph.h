// The graph that every stage reads and writes: values, the nodes that make them, and the ports where users meet it.
// Spatial feature maps are NHWC, convolution weights OHWI. Operators are known by name only; ops/ says what they mean.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "espalier/tensor.h"

namespace espalier {

// real = (q - zero_point) * scale, per tensor or per index of `axis`.
struct Quantization {
  std::vector<float> scales;  // one for the tensor, or one per index of `axis`
  int32_t zero_point = 0;
  int64_t axis = -1;  // -1: per tensor

  bool per_tensor() const { return axis < 0; }
  bool operator==(const Quantization&) const = default;
};

// What is known of a tensor before its data.
struct TensorType {
  DataType type = DataType::f32;
  Shape shape;

  bool operator==(const TensorType&) const = default;
};
std::string to_string(const TensorType& type);  // "f32[1,8,8,3]"

struct Node;

struct Value {
  std::string name;
  TensorType type;
  std::optional<Quantization> quantization;
  Tensor constant;             // empty for a value that is computed or fed
  Tensor integers;             // of an f32 constant that the model stores as integers (graph/stored_constant.h)
  Node* producer = nullptr;    // none for inputs and constants
  std::vector<Node*> readers;  // a node that reads the value twice stands here twice; kept by Graph

  bool is_constant() const { return !constant.empty(); }
  bool is_stored_as_integers() const { return !integers.empty(); }
  const Shape& shape() const { return type.shape; }
  // Requires: quantized per tensor.
  float scale() const { return quantization->scales[0]; }
  int32_t zero_point() const { return quantization->zero_point; }
};

using Attribute = std::variant<int64_t, float, std::string, std::vector<int64_t>, std::vector<float>>;
using Attributes = std::map<std::string, Attribute>;

struct Node {
  std::string op;              // empty once removed, so that loops over a snapshot skip it
  std::string name;            // the user's name of the layer, for every report
  std::vector<Value*> inputs;  // an optional input that is left out is nullptr
  std::vector<Value*> outputs;
  Attributes attributes;

  Value* input(size_t index) const { return index < inputs.size() ? inputs[index] : nullptr; }
  Value* output() const { return outputs[0]; }
  bool has(std::string_view attribute) const { return attributes.contains(std::string(attribute)); }
  // The attribute, or the given default when it is absent. CHECKs the kind: verify reports a wrong kind first.
  int64_t integer(const std::string& attribute, int64_t absent = 0) const;
  float real(const std::string& attribute, float absent = 0) const;
  std::string text(const std::string& attribute, const std::string& absent = "") const;
  std::vector<int64_t> integers(const std::string& attribute, const std::vector<int64_t>& absent = {}) const;
};

// Where the user's tensor meets a value: the user's name, type and shape, and how its dimensions are reordered.
struct Port {
  Value* value = nullptr;
  std::string name;
  TensorType type;                   // as the user's model has it
  std::vector<int64_t> permutation;  // value dimension d is user dimension permutation[d]; empty: as it is
};

class Graph {
 public:
  Graph() = default;
  Graph(Graph&&) = default;
  Graph& operator=(Graph&&) = default;

  // Names are made unique by a suffix when they are taken.
  Value* add_value(const std::string& name, TensorType type);
  Value* add_constant(const std::string& name, Tensor data);
  // Appends; sort() later moves a node that was added late before its readers.
  Node* add_node(const std::string& op, const std::string& name, std::vector<Value*> inputs, Attributes attributes,
                 std::vector<Value*> outputs);
  // One output, named after the node.
  Value* add_node(const std::string& op, const std::string& name, std::vector<Value*> inputs, Attributes attributes,
                  TensorType output);

  void add_input(Value* value, TensorType user_type);
  void add_output(Value* value, const std::string& name, TensorType user_type);
  std::vector<Port>& inputs() { return inputs_; }
  std::vector<Port>& outputs() { return outputs_; }
  const std::vector<Port>& inputs() const { return inputs_; }
  const std::vector<Port>& outputs() const { return outputs_; }

  void set_input(Node* node, size_t index, Value* value);
  void set_inputs(Node* node, std::vector<Value*> values);
  // Every reader and output port of `from` takes `to`.
  void replace_uses(Value* from, Value* to);
  // Requires: nothing reads its outputs.
  void remove(Node* node);
  // Removes the node if nothing reads it, then in the same way the nodes that fed it.
  void remove_if_unused(Node* node);
  // Every reader of the node's only output takes `value`; the node goes, with all that only it needed.
  void replace(Node* node, Value* value);
  bool is_output(const Value* value) const;
  // No reader and no output port.
  bool is_unused(const Value* value) const { return value->readers.empty() && !is_output(value); }

  // A snapshot in running order: adding and removing nodes does not disturb a loop over it.
  std::vector<Node*> nodes() const;
  std::vector<Value*> values() const;
  size_t node_count() const { return nodes_.size(); }

  // Every node after the producers of its inputs, otherwise as it stood; frees removed nodes and unread values.
  // An error names a cycle.
  Status sort();

  Graph clone() const;  // constants share their bytes

 private:
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<std::unique_ptr<Node>> removed_;
  std::vector<std::unique_ptr<Value>> values_;
  std::map<std::string, int> name_counts_;
  std::vector<Port> inputs_;
  std::vector<Port> outputs_;

  std::string unique_name(const std::string& name);
};

}  // namespace espalier
