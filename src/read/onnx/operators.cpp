// The lists of operators as data (read/onnx/operators.h).
#include "read/onnx/operators.h"

#include <algorithm>
#include <sstream>

#include "ops/op.h"

namespace espalier::read::onnx {
namespace {

std::vector<std::string> words_of(const char* text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

// s8 is the type of quantized tensors, which stand between operators in every place.
std::string types_of(const ops::InputSpec& input) {
  return input.types == ops::kAnyType ? "any type" : ops::to_string(input.types & ~ops::kS8);
}

// "Takes f32 s32." in front of the limits, input by input where they differ.
std::string with_types(const char* op, const std::string& limits) {
  const std::vector<ops::InputSpec>& inputs = ops::find_op(op)->inputs;
  const bool same = std::all_of(inputs.begin(), inputs.end(),
                                [&](const ops::InputSpec& input) { return types_of(input) == types_of(inputs[0]); });
  std::string sentence = "Takes " + (same ? types_of(inputs[0]) : "");
  for (size_t i = 0; !same && i < inputs.size(); ++i)
    sentence += (i == 0 ? "" : ", ") + inputs[i].name + " of " + types_of(inputs[i]);
  return sentence + "." + (limits.empty() ? "" : " " + limits);
}

}  // namespace

const std::vector<OnnxOperator>& onnx_operators() {
  static const std::vector<OnnxOperator> operators = {
#define CONVERTER(name, since, operators, limits) {#name, since, words_of(operators), limits},
#define RENAMED(name, since, op, limits) {#name, since, {#op}, with_types(#op, limits)},
#define INLINED(name, since, operators, limits) CONVERTER(name, since, operators, limits)
#include "read/onnx/converters.inc"
#undef INLINED
#undef RENAMED
#undef CONVERTER
  };
  return operators;
}

const std::vector<UnreadOperator>& unread_operators() {
  static const std::vector<UnreadOperator> operators = {
#define NOT_READ(name, reason) {#name, reason},
#include "read/onnx/not_read.inc"
#undef NOT_READ
  };
  return operators;
}

const OnnxOperator* find_onnx_operator(const std::string& name) {
  for (const OnnxOperator& known : onnx_operators())
    if (known.name == name) return &known;
  return nullptr;
}

std::string why_not_read(const std::string& name) {
  for (const UnreadOperator& known : unread_operators())
    if (known.name == name) return known.reason;
  return {};
}

}  // namespace espalier::read::onnx
