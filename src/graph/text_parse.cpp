// Reading the text form of a graph (graph/text.h). Text comes from users and fuzzers: every surprise is an Error.
#include <charconv>
#include <cmath>
#include <cstring>
#include <unordered_map>

#include "base/check.h"
#include "graph/stored_constant.h"
#include "graph/text.h"
#include "numerics/float16.h"

namespace espalier {
namespace {

// All constants of a text together may have so many elements, so that a few short lines cannot claim all memory.
constexpr int64_t kConstantCountMax = int64_t{1} << 25;

class LineParser {
 public:
  explicit LineParser(std::string_view line) : rest_(line) {}

  void skip_spaces() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\t' || rest_[0] == '\r')) rest_.remove_prefix(1);
  }
  bool at_end() {
    skip_spaces();
    return rest_.empty() || rest_[0] == '#';
  }
  bool accept(std::string_view token) {
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }
  Status expect(std::string_view token) {
    if (accept(token)) return {};
    return error("\"{}\" is expected at \"{}\"", token, rest_.substr(0, 24));
  }
  bool next_is(std::string_view token) const { return rest_.starts_with(token); }

  Result<std::string> word() {
    size_t size = 0;
    while (size < rest_.size() && (std::isalnum(static_cast<unsigned char>(rest_[size])) || rest_[size] == '_')) ++size;
    if (size == 0) return error("a name is expected at \"{}\"", rest_.substr(0, 24));
    return take(size);
  }
  Result<std::string> value_name() {
    TRY_STATUS(expect("%"));
    if (next_is("\"")) return quoted();
    size_t size = 0;
    const auto plain = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == '/' || c == ':' || c == '-';
    };
    while (size < rest_.size() && plain(rest_[size])) ++size;
    if (size == 0) return error("a name is expected after % at \"{}\"", rest_.substr(0, 24));
    return take(size);
  }
  Result<std::string> quoted() {
    TRY_STATUS(expect("\""));
    std::string text;
    while (!rest_.empty() && rest_[0] != '"') {
      bool escaped = rest_[0] == '\\';
      if (escaped) rest_.remove_prefix(1);
      if (rest_.empty()) break;
      text += escaped && rest_[0] == 'n' ? '\n' : rest_[0];
      rest_.remove_prefix(1);
    }
    TRY_STATUS(expect("\""));
    return text;
  }
  Result<double> real() {
    const bool negative = accept("-");
    if (accept("inf")) return negative ? -HUGE_VAL : HUGE_VAL;
    if (accept("nan")) return std::nan("");
    double value = 0;
    const auto [end, code] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (code != std::errc{} || next_is("-")) return error("a number is expected at \"{}\"", rest_.substr(0, 24));
    rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
    return negative ? -value : value;
  }
  Result<int64_t> integer() {
    int64_t value = 0;
    const auto [end, code] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (code != std::errc{}) return error("a whole number is expected at \"{}\"", rest_.substr(0, 24));
    rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
    return value;
  }
  std::string take(size_t size) {
    std::string taken(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return taken;
  }
  // Up to a separator of lists: the text of one number.
  std::string_view number_text() const { return rest_.substr(0, rest_.find_first_of(",)] \t\r}")); }

  Result<std::vector<int64_t>> integers() {
    std::vector<int64_t> numbers;
    TRY_STATUS(expect("["));
    while (!accept("]")) {
      if (!numbers.empty()) TRY_STATUS(expect(","));
      numbers.push_back(TRY(integer()));
    }
    return numbers;
  }

 private:
  std::string_view rest_;
};

bool looks_real(std::string_view number) { return number.find_first_of(".einf") != std::string_view::npos; }

Result<TensorType> parse_plain_type(LineParser& line) {
  const std::string word = TRY(line.word());
  const std::optional<DataType> type = data_type_from_name(word);
  if (!type) return error("\"{}\" is no type; types are s8 u8 s16 s32 s64 f16 f32 bool", word);
  TensorType result{*type, TRY(line.integers())};
  if (!checked_element_count(result.shape)) return error("shape {} is too large", to_string(result.shape));
  return result;
}

Result<float> parse_float(LineParser& line) {
  const float value = static_cast<float>(TRY(line.real()));
  return value;
}

Result<Attribute> parse_attribute(LineParser& line) {
  if (line.next_is("\"")) return Attribute(TRY(line.quoted()));
  if (!line.accept("[")) {
    if (looks_real(line.number_text())) return Attribute(TRY(parse_float(line)));
    return Attribute(TRY(line.integer()));
  }
  std::vector<int64_t> integers;
  std::vector<float> reals;
  if (line.accept(".")) {
    TRY_STATUS(line.expect("]"));
    return Attribute(reals);
  }
  while (!line.accept("]")) {
    if (!integers.empty() || !reals.empty()) TRY_STATUS(line.expect(","));
    if (looks_real(line.number_text())) {
      reals.push_back(TRY(parse_float(line)));
    } else {
      integers.push_back(TRY(line.integer()));
    }
    if (!integers.empty() && !reals.empty()) return error("a list mixes whole and real numbers: write 1.0 for 1");
  }
  if (!reals.empty()) return Attribute(reals);
  return Attribute(integers);
}

void store(void* bytes, DataType type, int64_t index, double value) {
  const auto put = [&](auto typed) {
    std::memcpy(static_cast<char*>(bytes) + index * static_cast<int64_t>(sizeof(typed)), &typed, sizeof(typed));
  };
  switch (type) {
    case DataType::s8: return put(static_cast<int8_t>(value));
    case DataType::u8: return put(static_cast<uint8_t>(value));
    case DataType::boolean: return put(static_cast<uint8_t>(value != 0));
    case DataType::s16: return put(static_cast<int16_t>(value));
    case DataType::s32: return put(static_cast<int32_t>(value));
    case DataType::s64: return put(static_cast<int64_t>(value));
    case DataType::f16: return put(f16_from_f32(static_cast<float>(value)));
    case DataType::f32: return put(static_cast<float>(value));
  }
}

// Whole numbers outside the type would be undefined to convert.
Status check_fits(DataType type, double value) {
  const auto outside = [&](double low, double high) { return !(value >= low && value <= high); };
  const bool bad = (type == DataType::s8 && outside(-128, 127)) || (type == DataType::u8 && outside(0, 255)) ||
                   (type == DataType::s16 && outside(-32768, 32767)) ||
                   (type == DataType::s32 && outside(-2147483648.0, 2147483647.0)) ||
                   (type == DataType::s64 && outside(-9007199254740992.0, 9007199254740992.0));
  if (bad) return error("{} does not fit in {}", value, name(type));
  return {};
}

class GraphParser {
 public:
  GraphParser(const OpLookup& ops, const ConstantSource& constants) : ops_(ops), constants_(constants) {}

  Status parse_line(std::string_view text) {
    LineParser line(text);
    if (line.at_end()) return {};
    if (line.next_is("output")) return parse_output(line);
    std::vector<std::string> names;
    do {
      line.skip_spaces();
      names.push_back(TRY(line.value_name()));
    } while (line.accept(","));
    line.skip_spaces();
    TRY_STATUS(line.expect("="));
    line.skip_spaces();
    const std::string op = TRY(line.word());
    if (op == "input") return parse_input(line, names[0]);
    return parse_node(line, op, names);
  }

  Result<Graph> finish() {
    if (graph_.outputs().empty()) return error("the graph has no output line");
    return std::move(graph_);
  }

 private:
  Status define(const std::string& name, Value* value) {
    if (!values_.emplace(name, value).second) return error("%{} is defined twice", name);
    return {};
  }
  Result<Value*> lookup(const std::string& name) {
    const auto found = values_.find(name);
    if (found == values_.end()) return error("%{} is read before it is defined", name);
    return found->second;
  }

  Result<Quantization> parse_quantization(LineParser& line, const Shape& shape) {
    Quantization quantization;
    TRY_STATUS(line.expect("{scale="));
    if (line.next_is("file@")) {
      const Tensor scales = TRY(find_constant(line, DataType::f32));
      quantization.scales.assign(scales.data<float>(), scales.data<float>() + scales.count());
    } else if (line.next_is("[")) {
      const Attribute list = TRY(parse_attribute(line));
      if (!std::holds_alternative<std::vector<float>>(list)) return error("scales are real numbers: write 1.0 for 1");
      quantization.scales = std::get<std::vector<float>>(list);
    } else {
      quantization.scales = {TRY(parse_float(line))};
    }
    if (line.accept(",axis=")) quantization.axis = TRY(line.integer());
    TRY_STATUS(line.expect(",zero_point="));
    quantization.zero_point = static_cast<int32_t>(TRY(line.integer()));
    TRY_STATUS(line.expect("}"));
    const auto rank = static_cast<int64_t>(shape.size());
    if (quantization.axis < -1 || quantization.axis >= rank)
      return error("quantization axis {} is outside of {} dimensions", quantization.axis, rank);
    const int64_t wanted = quantization.per_tensor() ? 1 : shape[static_cast<size_t>(quantization.axis)];
    if (static_cast<int64_t>(quantization.scales.size()) != wanted)
      return error("{} scales are given, {} are needed", quantization.scales.size(), wanted);
    return quantization;
  }

  Status parse_type(LineParser& line, Value* value) {
    value->type = TRY(parse_plain_type(line));
    if (line.next_is("{")) value->quantization = TRY(parse_quantization(line, value->type.shape));
    return {};
  }

  Result<Tensor> find_constant(LineParser& line, DataType type) {
    TRY_STATUS(line.expect("file@"));
    const std::string hash = TRY(line.word());
    Tensor tensor = constants_ ? constants_(hash) : Tensor();
    if (tensor.empty()) return error("the data of file@{} is not at hand", hash);
    if (tensor.type() != type) return error("file@{} holds {}, {} is wanted", hash, name(tensor.type()), name(type));
    return tensor;
  }

  // [type:]kind(...)[shape]{quantization}; f32:s8: and f32:s32: are reals that are stored as these integers.
  Result<Value*> parse_constant(LineParser& line, const std::string& name) {
    DataType type = DataType::f32;
    if (line.next_is("f32:s")) {
      TRY_STATUS(line.expect("f32:"));
      return parse_stored_constant(line, name);
    }
    for (const DataType candidate : {DataType::s8, DataType::u8, DataType::s16, DataType::s32, DataType::s64,
                                     DataType::f16, DataType::f32, DataType::boolean})
      if (line.accept(std::string(espalier::name(candidate)) + ":")) {
        type = candidate;
        break;
      }
    if (line.next_is("file@")) {
      const Tensor data = TRY(find_constant(line, type));
      const Shape shape = TRY(line.integers());
      if (checked_element_count(shape) != data.count())
        return error("{} elements cannot have the shape {}", data.count(), to_string(shape));
      return finish_constant(line, name, data.reshaped(shape));
    }
    const std::string kind = TRY(line.word());
    std::vector<double> numbers;
    if (line.accept("(")) {
      while (!line.accept(")")) {
        if (!numbers.empty()) TRY_STATUS(line.expect(","));
        numbers.push_back(TRY(line.real()));
      }
    }
    const Shape shape = TRY(line.integers());
    const std::optional<int64_t> count = checked_element_count(shape);
    if (!count || *count > kConstantCountMax - constant_count_)
      return error("constant shape {} is too large; all constants together may have {} elements", to_string(shape),
                   kConstantCountMax);
    constant_count_ += *count;
    if (kind == "random") {
      if (numbers.size() > 1 || (numbers.size() == 1 && !(numbers[0] >= 0 && numbers[0] < 1e15)))
        return error("random takes one seed, a whole number from 0");
      // Without a seed the constant's own place gives one, so that two constants differ.
      const uint64_t seed = numbers.empty() ? random_count_++ : static_cast<uint64_t>(numbers[0]);
      return finish_constant(line, name, random_tensor(seed, {type, shape}));
    }
    const bool splat = kind == "splat";
    if (!splat && kind != "values") return error("\"{}\" is no constant; write values, splat, random or file@", kind);
    if (static_cast<int64_t>(numbers.size()) != (splat ? 1 : *count))
      return error("{} numbers are given, {} are needed", numbers.size(), splat ? 1 : *count);
    for (const double number : numbers) TRY_STATUS(check_fits(type, number));
    Tensor data(type, shape);
    void* bytes = data.mutable_bytes();
    for (int64_t i = 0; i < *count; ++i) store(bytes, type, i, numbers[splat ? 0 : static_cast<size_t>(i)]);
    return finish_constant(line, name, std::move(data));
  }

  Result<Value*> parse_stored_constant(LineParser& line, const std::string& name) {
    Value* value = TRY(parse_constant(line, name));
    if (value->type.type != DataType::s8 && value->type.type != DataType::s32)
      return error("reals are stored as s8 or s32, not as {}", espalier::name(value->type.type));
    if (!value->quantization) return error("stored integers need {{scale=..,zero_point=..}}");
    value->integers = value->constant;
    value->constant = dequantized(value->integers, *value->quantization);
    value->type.type = DataType::f32;
    return value;
  }

  Result<Value*> finish_constant(LineParser& line, const std::string& name, Tensor data) {
    Value* value = graph_.add_constant(name, std::move(data));
    if (line.next_is("{")) value->quantization = TRY(parse_quantization(line, value->type.shape));
    return value;
  }

  Status parse_port(LineParser& line, Port& port) {
    while (!line.at_end()) {
      if (line.accept("user=")) {
        port.type = TRY(parse_plain_type(line));
      } else if (line.accept("permutation=")) {
        port.permutation = TRY(line.integers());
      } else {
        TRY_STATUS(line.expect("@"));
        port.name = TRY(line.quoted());
      }
    }
    return {};
  }

  Status parse_input(LineParser& line, const std::string& name) {
    Value* value = graph_.add_value(name, {});
    TRY_STATUS(define(name, value));
    line.skip_spaces();
    TRY_STATUS(parse_type(line, value));
    graph_.add_input(value, value->type);
    return parse_port(line, graph_.inputs().back());
  }

  Status parse_output(LineParser& line) {
    TRY_STATUS(line.expect("output"));
    line.skip_spaces();
    Value* value = nullptr;
    if (line.next_is("%")) {
      value = TRY(lookup(TRY(line.value_name())));
    } else {
      value = TRY(parse_constant(line, "output"));
    }
    graph_.add_output(value, value->name, value->type);
    return parse_port(line, graph_.outputs().back());
  }

  Status parse_node(LineParser& line, const std::string& op, const std::vector<std::string>& names) {
    const Signature* signature = ops_.signature(op);
    if (signature == nullptr) return error("there is no operator \"{}\"", op);
    std::vector<Value*> inputs;
    Attributes attributes;
    std::vector<Value*> outputs;
    std::string node_name = names[0];
    for (const std::string& name : names) {
      outputs.push_back(graph_.add_value(name, {}));
      TRY_STATUS(define(name, outputs.back()));
    }
    bool typed = false;
    while (!line.at_end()) {
      if (line.next_is("%")) {
        inputs.push_back(TRY(lookup(TRY(line.value_name()))));
      } else if (line.accept("->")) {
        typed = true;
        for (Value* output : outputs) {
          line.skip_spaces();
          TRY_STATUS(parse_type(line, output));
        }
      } else if (line.accept("@")) {
        node_name = TRY(line.quoted());
      } else {
        const std::string key = TRY(line.word());
        TRY_STATUS(line.expect("="));
        TRY_STATUS(parse_argument(line, key, *signature, inputs, attributes, names[0]));
      }
    }
    for (const Value* output : outputs)
      for (const Value* input : inputs)
        if (input == output) return error("%{} reads itself", output->name);
    Node* node = graph_.add_node(op, node_name, std::move(inputs), std::move(attributes), std::move(outputs));
    return typed ? Status() : infer(*node);
  }

  Status parse_argument(LineParser& line, const std::string& key, const Signature& signature,
                        std::vector<Value*>& inputs, Attributes& attributes, const std::string& output_name) {
    std::optional<size_t> index;
    for (size_t i = 0; i < signature.inputs.size(); ++i)
      if (signature.inputs[i] == key) index = i;
    if (signature.variadic && !index && key.starts_with(signature.inputs.back())) {
      size_t number = 0;
      const char* digits = key.data() + signature.inputs.back().size();
      const auto [end, code] = std::from_chars(digits, key.data() + key.size(), number);
      if (code == std::errc{} && end == key.data() + key.size() && number < 4096)
        index = number + signature.inputs.size() - 1;
    }
    if (!index) {
      if (!attributes.emplace(key, TRY(parse_attribute(line))).second) return error("{} is given twice", key);
      return {};
    }
    Value* value = nullptr;
    if (line.next_is("%")) {
      value = TRY(lookup(TRY(line.value_name())));
    } else {
      value = TRY(parse_constant(line, output_name + "." + key));
    }
    if (inputs.size() <= *index) inputs.resize(*index + 1, nullptr);
    if (inputs[*index] != nullptr) return error("input {} is given twice", key);
    inputs[*index] = value;
    return {};
  }

  Status infer(Node& node) {
    const std::vector<TensorType> types = TRY(ops_.infer(node));
    if (types.size() != node.outputs.size())
      return error("{} has {} outputs, {} are named", node.op, types.size(), node.outputs.size());
    for (size_t i = 0; i < types.size(); ++i) node.outputs[i]->type = types[i];
    return {};
  }

  const OpLookup& ops_;
  const ConstantSource& constants_;
  Graph graph_;
  std::unordered_map<std::string, Value*> values_;
  uint64_t random_count_ = 0;
  int64_t constant_count_ = 0;  // elements of all constants so far
};

}  // namespace

Result<Graph> parse_graph(std::string_view text, const OpLookup& ops, const ConstantSource& constants) {
  GraphParser parser(ops, constants);
  int64_t number = 0;
  while (!text.empty()) {
    ++number;
    const size_t end = std::min(text.find('\n'), text.size());
    const Status parsed = parser.parse_line(text.substr(0, end));
    if (!parsed.ok()) return parsed.error().at(fmt::format("line {}", number));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parser.finish();
}

Tensor random_tensor(uint64_t seed, const TensorType& type) {
  Tensor tensor(type.type, type.shape);
  void* bytes = tensor.mutable_bytes();
  uint64_t state = seed;
  for (int64_t i = 0; i < tensor.count(); ++i) {
    // splitmix64, Steele, Lea and Flood 2014.
    uint64_t z = (state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    switch (type.type) {
      case DataType::f32:
      case DataType::f16: store(bytes, type.type, i, static_cast<double>(z >> 40) * 0x1p-23 - 1.0); break;
      case DataType::boolean: store(bytes, type.type, i, static_cast<double>(z & 1)); break;
      case DataType::u8: store(bytes, type.type, i, static_cast<double>(z & 255)); break;
      default: store(bytes, type.type, i, static_cast<double>(static_cast<int64_t>(z & 255) - 128)); break;
    }
  }
  return tensor;
}

}  // namespace espalier
