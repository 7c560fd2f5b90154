// Printing a graph as text (graph/text.h); reading it back is in text_parse.cpp.
#include <xxhash.h>

#include <algorithm>
#include <cstring>

#include "graph/text.h"
#include "numerics/float16.h"

namespace espalier {
namespace {

constexpr int64_t kInlineCountMax = 16;

bool is_plain(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == '/' || c == ':' || c == '-';
  });
}

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    if (c == '\n') {
      result += "\\n";
    } else {
      result += c;
    }
  }
  return result + '"';
}

std::string value_name(const Value& value) { return "%" + (is_plain(value.name) ? value.name : quoted(value.name)); }

std::string print_integers(const std::vector<int64_t>& numbers) { return fmt::format("[{}]", fmt::join(numbers, ",")); }

// The shortest text that reads back to the same float; nan and inf as such.
std::string print_real(float number) {
  const std::string text = fmt::format("{}", number);
  return text.find_first_of(".einf") == std::string::npos ? text + ".0" : text;
}

template <class T>
std::string element_text(const void* bytes, int64_t index) {
  T value;
  std::memcpy(&value, static_cast<const char*>(bytes) + index * static_cast<int64_t>(sizeof(T)), sizeof(T));
  return fmt::format("{}", value);
}

std::string element(const Tensor& tensor, int64_t index) {
  const void* bytes = tensor.bytes();
  switch (tensor.type()) {
    case DataType::s8: return std::to_string(static_cast<const int8_t*>(bytes)[index]);
    case DataType::u8: return std::to_string(static_cast<const uint8_t*>(bytes)[index]);
    case DataType::boolean: return std::to_string(static_cast<const uint8_t*>(bytes)[index]);
    case DataType::s16: return element_text<int16_t>(bytes, index);
    case DataType::s32: return element_text<int32_t>(bytes, index);
    case DataType::s64: return element_text<int64_t>(bytes, index);
    case DataType::f16: return fmt::format("{}", f32_from_f16(static_cast<const uint16_t*>(bytes)[index]));
    case DataType::f32: return element_text<float>(bytes, index);
  }
  return {};
}

bool is_uniform(const Tensor& tensor) {
  const auto size = static_cast<size_t>(size_bytes(tensor.type()));
  const char* bytes = static_cast<const char*>(tensor.bytes());
  for (int64_t i = 1; i < tensor.count(); ++i)
    if (std::memcmp(bytes, bytes + static_cast<size_t>(i) * size, size) != 0) return false;
  return tensor.count() > 0;
}

std::string print_constant(const Value& value) {
  const Tensor& tensor = value.is_stored_as_integers() ? value.integers : value.constant;
  std::string text = value.is_stored_as_integers() ? "f32:" : "";
  if (tensor.type() != DataType::f32) text += std::string(name(tensor.type())) + ":";
  if (tensor.count() > 1 && is_uniform(tensor)) {
    text += "splat(" + element(tensor, 0) + ")";
  } else if (tensor.count() <= kInlineCountMax) {
    text += "values(";
    for (int64_t i = 0; i < tensor.count(); ++i) text += (i ? "," : "") + element(tensor, i);
    text += ')';
  } else {
    text += "file@" + constant_hash(tensor);
  }
  const std::string type = print_type(value);
  return text + type.substr(type.find('['));
}

struct AttributePrinter {
  std::string operator()(int64_t number) const { return std::to_string(number); }
  std::string operator()(float number) const { return print_real(number); }
  std::string operator()(const std::string& text) const { return quoted(text); }
  std::string operator()(const std::vector<int64_t>& numbers) const { return print_integers(numbers); }
  std::string operator()(const std::vector<float>& numbers) const {
    std::string text = "[";
    for (const float number : numbers) text += (text.size() > 1 ? "," : "") + print_real(number);
    // An empty list reads back as integers; the dot keeps its kind.
    return text + (numbers.empty() ? ".]" : "]");
  }
};

std::string input_name(const Signature* signature, size_t index) {
  if (signature == nullptr || signature->inputs.empty()) return fmt::format("input{}", index);
  if (index < signature->inputs.size() && !(signature->variadic && index + 1 == signature->inputs.size()))
    return signature->inputs[index];
  if (!signature->variadic) return fmt::format("input{}", index);
  // Repeats of the last input are numbered: x0, x1, ...
  return fmt::format("{}{}", signature->inputs.back(), index + 1 - signature->inputs.size());
}

}  // namespace

std::string constant_hash(const Tensor& tensor) {
  return fmt::format("{:016x}", XXH3_64bits(tensor.bytes(), static_cast<size_t>(tensor.size_bytes())));
}

std::string print_type(const Value& value) {
  std::string text = to_string(value.type);
  if (!value.quantization) return text;
  const Quantization& quantization = *value.quantization;
  text += "{scale=";
  if (quantization.per_tensor()) {
    text += print_real(quantization.scales[0]);
  } else if (quantization.scales.size() <= static_cast<size_t>(kInlineCountMax)) {
    text += AttributePrinter{}(quantization.scales) + fmt::format(",axis={}", quantization.axis);
  } else {
    Tensor scales(DataType::f32, {static_cast<int64_t>(quantization.scales.size())});
    std::copy(quantization.scales.begin(), quantization.scales.end(), scales.mutable_data<float>());
    text += fmt::format("file@{},axis={}", constant_hash(scales), quantization.axis);
  }
  return text + fmt::format(",zero_point={}}}", quantization.zero_point);
}

std::string print_node(const Node& node, const OpLookup& ops) {
  std::string text;
  for (const Value* output : node.outputs) text += (text.empty() ? "" : ", ") + value_name(*output);
  text += " = " + node.op;
  const Signature* signature = ops.signature(node.op);
  bool positional = true;
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    const Value* value = node.inputs[i];
    positional &= value != nullptr && !value->is_constant();
    if (value == nullptr) continue;
    const std::string printed = value->is_constant() ? print_constant(*value) : value_name(*value);
    text += positional ? " " + printed : fmt::format(" {}={}", input_name(signature, i), printed);
  }
  for (const auto& [name, attribute] : node.attributes)
    text += fmt::format(" {}={}", name, std::visit(AttributePrinter{}, attribute));
  text += " -> ";
  for (const Value* output : node.outputs) text += (output == node.outputs[0] ? "" : " ") + print_type(*output);
  if (node.name != node.outputs[0]->name) text += " @" + quoted(node.name);
  return text;
}

std::string print_graph(const Graph& graph, const OpLookup& ops) {
  std::string text;
  for (const Port& port : graph.inputs()) {
    text += value_name(*port.value) + " = input " + print_type(*port.value);
    if (!port.permutation.empty() || port.type != port.value->type)
      text += fmt::format(" user={} permutation={}", to_string(port.type), print_integers(port.permutation));
    if (port.name != port.value->name) text += " @" + quoted(port.name);
    text += '\n';
  }
  for (const Node* node : graph.nodes()) text += print_node(*node, ops) + '\n';
  for (const Port& port : graph.outputs()) {
    text += "output " + (port.value->is_constant() ? print_constant(*port.value) : value_name(*port.value));
    if (!port.permutation.empty() || port.type != port.value->type)
      text += fmt::format(" user={} permutation={}", to_string(port.type), print_integers(port.permutation));
    if (port.name != port.value->name) text += " @" + quoted(port.name);
    text += '\n';
  }
  return text;
}

}  // namespace espalier
