// What is known of the operators of ONNX: those that are read with their limits (converters.inc), and why others are
// not (not_read.inc). Knows nothing of the file format.
#pragma once

#include <string>
#include <vector>

namespace espalier::read::onnx {

struct OnnxOperator {
  std::string name;
  int64_t since = 1;                        // the first opset whose form is read
  std::vector<std::string> operators = {};  // ours that stand for it; none: a constant, or its input
  std::string limits;                       // sentences
};

struct UnreadOperator {
  std::string name;
  std::string reason;
};

// In the order of converters.inc.
const std::vector<OnnxOperator>& onnx_operators();
// In the order of not_read.inc.
const std::vector<UnreadOperator>& unread_operators();

// nullptr for an operator that is not read.
const OnnxOperator* find_onnx_operator(const std::string& name);
// Why an operator is not read, as the rest of a sentence; empty where no reason is stated.
std::string why_not_read(const std::string& name);

}  // namespace espalier::read::onnx
