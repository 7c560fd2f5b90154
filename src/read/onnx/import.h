// What a converter sees: one node of the file, and the means to emit nodes of ours.
#pragma once

#include <onnx/onnx-ml.pb.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "graph/graph.h"
#include "ops/open_lengths.h"
#include "read/read.h"

namespace espalier::read::onnx {

namespace proto = ::onnx;

// A stored tensor as ours: f64, f16 and bf16 become f32, u16 s32, u32 and u64 s64 where the values fit. `folder` holds
// the external data.
Result<Tensor> read_tensor(const proto::TensorProto& tensor, const std::string& folder);
// The file of external data, inside the model's folder: a model from elsewhere must not read other files of the user.
Result<std::string> external_path(const std::string& location, const std::string& folder);
// Our type for an element type of the schema.
Result<DataType> read_data_type(int32_t type);

class Import {
 public:
  Import(Graph& graph, std::vector<std::string>& notes, std::string folder, int64_t opset, int64_t constant_room_bytes)
      : graph_(graph),
        notes_(notes),
        folder_(std::move(folder)),
        opset_(opset),
        constant_room_bytes_(constant_room_bytes) {}

  // Constants that nodes make may grow beyond what the file stores, but not without bound: a few bytes may claim any
  // amount of memory. Stored constants make room for what is made of them.
  Status spend(int64_t size_bytes);
  void make_room(int64_t size_bytes) { constant_room_bytes_ += kRoomPerStoredByte * size_bytes; }

  Graph& graph() { return graph_; }
  int64_t opset() const { return opset_; }
  const std::string& folder() const { return folder_; }
  ops::OpenLengths& open_lengths() { return open_lengths_; }
  void note(std::string sentence) { notes_.push_back(std::move(sentence)); }

  // Adds a node, infers its type, and evaluates it on the spot when all its inputs are constant. Its output carries
  // `quantization`.
  Result<Value*> emit(const std::string& op, const std::string& name, std::vector<Value*> inputs,
                      Attributes attributes = {}, std::optional<Quantization> quantization = {});
  // The same for an operator with several outputs.
  Result<std::vector<Value*>> emit_all(const std::string& op, const std::string& name, std::vector<Value*> inputs,
                                       Attributes attributes, size_t output_count,
                                       std::optional<Quantization> quantization = {});
  Value* constant(const std::string& name, Tensor data) { return graph_.add_constant(name, std::move(data)); }
  Value* constant_s64(const std::string& name, const std::vector<int64_t>& values);

  // A constant of truth values.
  Result<Value*> filled_with_true(const std::string& name, const Shape& shape);

  // A quantized tensor is s8 in the graph; these stand for u8 tensors of the file, shifted by 128.
  void stands_for_u8(const Value* value) { shifted_.insert(value); }
  bool is_u8(const Value* value) const { return value->type.type == DataType::u8 || shifted_.contains(value); }
  // A quantized tensor that is cast to whole numbers is the index into a table, and nothing else.
  void stands_for_index(const Value* value) { indices_.insert(value); }
  bool is_index(const Value* value) const { return indices_.contains(value); }
  // The dequantize node of a quantized tensor, one for all its readers.
  Result<Value*> real(Value* quantized);

  // NCHW -> NHWC and back for maps of 4 dimensions.
  Result<Value*> to_nhwc(Value* value);
  Result<Value*> to_nchw(Value* value);

 private:
  Graph& graph_;
  std::vector<std::string>& notes_;
  std::string folder_;
  int64_t opset_;
  std::unordered_set<const Value*> shifted_;
  std::unordered_set<const Value*> indices_;
  std::unordered_map<const Value*, Value*> reals_;

  static constexpr int64_t kRoomPerStoredByte = 8;
  int64_t constant_room_bytes_;
  ops::OpenLengths open_lengths_;
};

// One node of the file with its inputs resolved.
class OnnxNode {
 public:
  OnnxNode(const proto::NodeProto& proto, std::string name, std::vector<Value*> inputs)
      : proto_(proto), name_(std::move(name)), inputs_(std::move(inputs)) {}

  const std::string& op() const { return proto_.op_type(); }
  const proto::NodeProto& proto() const { return proto_; }
  // Of this node only: where the file gives no name, or one twice, that of the first output, with a number if need be.
  const std::string& name() const { return name_; }
  size_t input_count() const { return inputs_.size(); }
  size_t output_count() const { return static_cast<size_t>(proto_.output_size()); }
  // nullptr when it is left out.
  Value* input(size_t index) const { return index < inputs_.size() ? inputs_[index] : nullptr; }
  Result<Value*> required(size_t index) const;

  bool has(const std::string& attribute) const { return find(attribute) != nullptr; }
  Result<int64_t> integer(const std::string& attribute, int64_t absent) const;
  Result<float> real(const std::string& attribute, float absent) const;
  Result<std::string> text(const std::string& attribute, const std::string& absent) const;
  Result<std::vector<int64_t>> integers(const std::string& attribute, std::vector<int64_t> absent = {}) const;
  Result<std::vector<float>> reals(const std::string& attribute) const;
  const proto::AttributeProto* find(const std::string& attribute) const;
  // Attributes that the converter did not look at.
  std::vector<std::string> unread_attributes() const;

  // Whole numbers that must be known before the network runs: a constant input. Nothing when the input is left out.
  Result<std::optional<std::vector<int64_t>>> constant_integers(size_t index, const char* what) const;
  Result<std::optional<std::vector<float>>> constant_reals(size_t index, const char* what) const;

 private:
  const proto::NodeProto& proto_;
  std::string name_;
  std::vector<Value*> inputs_;
  mutable std::set<std::string> read_attributes_;
};

// Makes the values of the node's outputs, in order; fewer when the rest is not made.
using Outputs = Result<std::vector<Value*>>;
using Converter = Outputs (*)(Import& import, const OnnxNode& node);

// nullptr for an operator that no converter reads.
Converter find_converter(const std::string& op);

}  // namespace espalier::read::onnx
