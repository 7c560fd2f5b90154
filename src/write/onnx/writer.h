// The walk over a graph that writes it as ONNX. A value exists in the file in the forms that nodes ask for: as reals or
// quantized, in the graph's layout or, for maps of 4 dimensions, in NCHW, which is what ONNX's spatial operators read.
// Forms are made on demand from those at hand: by Transpose, QuantizeLinear or DequantizeLinear.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "write/onnx/file.h"
#include "write/write.h"

namespace espalier::write::onnx {

enum class Layout { plain, nchw };
enum class Kind { real, quantized };  // what is neither real nor quantized, as indices, counts as real

// Dimension d of an NCHW map is dimension kNchwFromNhwc[d] of the NHWC one.
inline const std::vector<int64_t> kNchwFromNhwc = {0, 3, 1, 2};
inline const std::vector<int64_t> kNhwcFromNchw = {0, 2, 3, 1};

class Writer {
 public:
  Writer(const Graph& graph, const WriteOptions& options);
  Result<std::vector<uint8_t>> run();

  File& file() { return file_; }
  OnnxForm form() const { return options_.form; }

  // The name of the tensor that holds the value in this form.
  std::string tensor(const Value& value, Kind kind, Layout layout);
  // The layout in which the value is at hand; plain unless it is there in NCHW only.
  Layout layout_at_hand(const Value& value) const;
  void set_tensor(const Value& value, Kind kind, Layout layout, const std::string& name);
  // Initializers with scale and zero point (u8) of a quantized value.
  std::pair<std::string, std::string> scale_and_zero_point(const Value& value);
  std::string quantize_linear(const std::string& real, const Value& value);

 private:
  struct Form {
    const Value* value;
    Kind kind;
    Layout layout;
    auto operator<=>(const Form&) const = default;
  };

  void add_input(const Port& port);
  void add_output(const Port& port);
  Status add_node(const Node& node);
  std::string constant(const Value& value, Kind kind, Layout layout);
  std::string dequantize_linear(const std::string& quantized, const Value& value, const std::string& output);
  const std::string* find(const Value& value, Kind kind, Layout layout) const;

  const Graph& graph_;
  const WriteOptions options_;
  File file_;
  std::map<Form, std::string> tensors_;
  std::map<const Value*, std::pair<std::string, std::string>> scales_;
};

// A node that is being written: what the writer of its operator reads and makes.
class Op {
 public:
  Op(Writer& writer, const Node& node, Kind kind) : writer_(writer), node_(node), kind_(kind) {}

  const Node& node() const { return node_; }
  Writer& writer() { return writer_; }
  Kind kind() const { return kind_; }
  size_t rank() const { return node_.output()->shape().size(); }

  // Input i in this layout, quantized or not as the operator is written.
  std::string in(size_t index, Layout layout) { return writer_.tensor(*node_.inputs[index], kind_, layout); }
  // The same for an operator that broadcasts: constants of fewer dimensions follow the layout of the output.
  std::string in_broadcast(size_t index, Layout layout);
  // The layout that costs no transpose, for operators that take any.
  Layout layout_at_hand() const;
  // A list with one entry per dimension of the graph's layout, in the order of `layout`.
  std::vector<int64_t> in_order(const std::vector<int64_t>& list, Layout layout) const;
  int64_t axis_in(int64_t axis, Layout layout) const;

  // A product sum's weights with a scale per output channel along `axis` (s8), and its bias, on reals.
  std::string real_weights(Layout layout);
  std::string real_bias();

  // Adds a node and returns the name of its output. The first node has the user's name for the layer; a helper stands
  // in front of it and never has.
  std::string made(const std::string& op, const std::vector<std::string>& inputs, const Attributes& attributes = {});
  std::string helper(const std::string& op, const std::vector<std::string>& inputs, const Attributes& attributes = {});
  std::string constant(const std::string& what, const Tensor& tensor);
  std::string constant(const std::string& what, const std::vector<int64_t>& numbers);
  std::string constant(const std::string& what, float number);

  // What the operator made, before its activation. Reals are clamped and, where the output is quantized, quantized;
  // integers are clamped.
  Status done(const std::string& tensor, Layout layout);

 private:
  std::string clamped_reals(const std::string& tensor);
  std::string clamped_integers(const std::string& tensor);

  Writer& writer_;
  const Node& node_;
  Kind kind_;
  bool has_main_node_ = false;
};

using WriteOperator = Status (*)(Op& op);
// nullptr where an operator has no such form.
WriteOperator find_real_operator(const std::string& op);
WriteOperator find_integer_operator(const std::string& op);
// Operators that only move elements, and are written on integers as on reals.
bool moves_elements(const Node& node);

}  // namespace espalier::write::onnx
