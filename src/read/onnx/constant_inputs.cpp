// The operands of ONNX operators that must be constants, and the walk back from them (read/onnx/constant_inputs.h).
#include "read/onnx/constant_inputs.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "read/onnx/quantized.h"

namespace espalier::read::onnx {
namespace {

namespace proto = ::onnx;

// By operator: the first operand that must be constant; all behind it must be as well.
const std::map<std::string, int>& first_constant_operand() {
  static const std::map<std::string, int> operands = {{"Reshape", 1},
                                                      {"Expand", 1},
                                                      {"Tile", 1},
                                                      {"Slice", 1},
                                                      {"Pad", 1},
                                                      {"Resize", 1},
                                                      {"Upsample", 1},
                                                      {"TopK", 1},
                                                      {"Squeeze", 1},
                                                      {"Unsqueeze", 1},
                                                      {"Split", 1},
                                                      {"ConstantOfShape", 0},
                                                      {"Range", 0},
                                                      {"CumSum", 1},
                                                      {"Trilu", 1},
                                                      {"Clip", 1},
                                                      {"Dropout", 1},
                                                      {"ReduceSum", 1},
                                                      {"ReduceMean", 1},
                                                      {"ReduceMax", 1},
                                                      {"ReduceMin", 1},
                                                      {"ReduceProd", 1},
                                                      {"ReduceL1", 1},
                                                      {"ReduceL2", 1},
                                                      {"ReduceLogSum", 1},
                                                      {"ReduceLogSumExp", 1},
                                                      {"ReduceSumSquare", 1},
                                                      {"NonMaxSuppression", 2},
                                                      {"QuantizeLinear", 1},
                                                      {"ConvInteger", 2},
                                                      {"MatMulInteger", 2},
                                                      {"BatchNormalization", 1}};
  return operands;
}

bool must_be_constant(const proto::NodeProto& node, int operand) {
  // All around the quantized tensors of a node are scales, zero points and the bias.
  const std::vector<int> tensors = quantized_inputs(node);
  if (!tensors.empty()) return std::find(tensors.begin(), tensors.end(), operand) == tensors.end();
  if (node.op_type() == "OneHot") return operand == 1;
  if (node.op_type() == "If") return operand == 0;
  const auto found = first_constant_operand().find(node.op_type());
  return found != first_constant_operand().end() && operand >= found->second;
}

}  // namespace

std::vector<std::string> constant_inputs_of(const proto::GraphProto& graph) {
  std::unordered_map<std::string, const proto::NodeProto*> producers;
  for (const proto::NodeProto& node : graph.node())
    for (const std::string& output : node.output()) producers[output] = &node;
  std::unordered_set<std::string> deciding;
  std::vector<std::string> open;
  const auto reach = [&](const std::string& tensor) {
    if (!tensor.empty() && deciding.insert(tensor).second) open.push_back(tensor);
  };
  for (const proto::NodeProto& node : graph.node()) {
    for (int i = 0; i < node.input_size(); ++i)
      if (must_be_constant(node, i)) reach(node.input(i));
  }
  while (!open.empty()) {
    const std::string tensor = open.back();
    open.pop_back();
    const auto producer = producers.find(tensor);
    if (producer == producers.end() || producer->second->op_type() == "Shape" || producer->second->op_type() == "Size")
      continue;
    for (const std::string& input : producer->second->input()) reach(input);
  }
  std::unordered_set<std::string> stored;
  for (const proto::TensorProto& initializer : graph.initializer()) stored.insert(initializer.name());
  std::vector<std::string> names;
  for (const proto::ValueInfoProto& input : graph.input())
    if (deciding.contains(input.name()) && !stored.contains(input.name())) names.push_back(input.name());
  return names;
}

}  // namespace espalier::read::onnx
