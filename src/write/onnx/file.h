// An ONNX file that grows node by node. It knows names, tensors and the schema, and nothing of graphs of ours.
#pragma once

#include <onnx/onnx-ml.pb.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace espalier::write::onnx {

namespace proto = ::onnx;

// Opset 17 has every operator that is written but those of com.microsoft, and is read by all tools of the last years.
inline constexpr int64_t kOpset = 17;

class File {
 public:
  explicit File(const std::string& producer);

  // A name that no tensor has so far: the wanted one, or with a number behind it.
  std::string unique(const std::string& wanted);

  // Operators that ONNX itself does not have are written in the domain com.microsoft. Inputs left out are empty names.
  void add_node(const std::string& op, const std::string& name, const std::vector<std::string>& inputs,
                const std::string& output, const Attributes& attributes = {});
  // An initializer; returns its name.
  std::string add_constant(const std::string& wanted_name, const Tensor& tensor);
  void add_input(const std::string& name, const TensorType& type);
  void add_output(const std::string& name, const TensorType& type);

  std::vector<uint8_t> bytes() const;

 private:
  // Names that are taken; a taken one gets a number.
  struct Names {
    std::set<std::string> taken = {};
    std::map<std::string, int> counts = {};
    std::string unique(const std::string& wanted);
  };

  proto::ModelProto model_;
  Names tensor_names_;
  Names node_names_;
  bool uses_microsoft_ = false;
};

}  // namespace espalier::write::onnx
