// A case of an operator: a graph of constants and the numbers that each executor must give for it.
#pragma once

#include <cmath>
#include <map>
#include <sstream>
#include <string>

#include "graph/verify.h"
#include "numerics/float16.h"
#include "text_cases/case_file.h"
#include "text_cases/execute.h"

namespace espalier {

struct ExpectedOutput {
  std::string type;  // "s8[1,2]", empty where the case does not say
  std::vector<double> values;
};

// Lines "%y = f32[2] 1 2"; the type may be left out, and a line without a name continues the one before.
inline Result<std::map<std::string, ExpectedOutput>> parse_expected(const std::string& text) {
  std::map<std::string, ExpectedOutput> outputs;
  ExpectedOutput* output = nullptr;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (word[0] == '%') {
      output = &outputs[word.substr(1)];
      if (!(words >> word) || word != "=") return error("\"=\" is expected after an output's name");
      continue;
    }
    if (output == nullptr) return error("numbers come after \"%<output> =\"");
    if (word.find('[') != std::string::npos) {
      output->type = word;
      continue;
    }
    char* end = nullptr;
    output->values.push_back(std::strtod(word.c_str(), &end));
    if (*end != '\0') return error("\"{}\" is no number", word);
  }
  return outputs;
}

inline double element_as_double(const Tensor& tensor, int64_t i) {
  switch (tensor.type()) {
    case DataType::s8: return tensor.data<int8_t>()[i];
    case DataType::u8: return static_cast<const uint8_t*>(tensor.bytes())[i];
    case DataType::boolean: return static_cast<const uint8_t*>(tensor.bytes())[i];
    case DataType::s16: return static_cast<const int16_t*>(tensor.bytes())[i];
    case DataType::s32: return tensor.data<int32_t>()[i];
    case DataType::s64: return static_cast<double>(tensor.data<int64_t>()[i]);
    case DataType::f16: return f32_from_f16(static_cast<const uint16_t*>(tensor.bytes())[i]);
    case DataType::f32: return tensor.data<float>()[i];
  }
  return 0;
}

// Integers are equal; reals within `bound` of the expected number, relatively.
inline bool agrees(double value, double expected, DataType type, double bound) {
  if (std::isnan(expected)) return std::isnan(value);
  if (type != DataType::f32 && type != DataType::f16) return value == expected;
  return value == expected || std::abs(value - expected) <= bound * std::abs(expected);
}

inline Status check_outputs(const Graph& graph, const std::vector<Tensor>& outputs,
                            const std::map<std::string, ExpectedOutput>& expected, double bound) {
  if (expected.size() != outputs.size())
    return error("{} outputs are expected, {} are made", expected.size(), outputs.size());
  for (size_t i = 0; i < outputs.size(); ++i) {
    const Tensor& output = outputs[i];
    const auto found = expected.find(graph.outputs()[i].value->name);
    if (found == expected.end()) return error("output %{} is not expected", graph.outputs()[i].value->name);
    const std::string type = to_string(TensorType{output.type(), output.shape()});
    if (!found->second.type.empty() && found->second.type != type)
      return error("%{} is {}, expected is {}", found->first, type, found->second.type);
    std::string all;
    for (int64_t k = 0; k < output.count(); ++k) all += fmt::format(" {}", element_as_double(output, k));
    const std::vector<double>& values = found->second.values;
    bool good = static_cast<int64_t>(values.size()) == output.count();
    for (int64_t k = 0; good && k < output.count(); ++k)
      good = agrees(element_as_double(output, k), values[static_cast<size_t>(k)], output.type(), bound);
    if (!good) return error("%{} ={}, expected is {}", found->first, all, fmt::join(values, " "));
  }
  return {};
}

inline Result<Graph> parse_verified(const std::string& text) {
  Graph graph = TRY(parse_graph(text, ops::op_lookup()));
  TRY_STATUS(verify_graph(graph, ops::op_lookup()));
  return graph;
}

inline Status run_evaluate_case(const TextCase& test) {
  Result<Graph> graph = parse_verified(test.graph);
  if (test.expect.starts_with("error")) {
    const std::string wanted = test.expect.size() > 6 ? test.expect.substr(6) : "";
    if (graph.ok()) return error("the graph is accepted, an error is expected");
    if (wanted.empty() || graph.error().message().find(wanted) == std::string::npos)
      return error("the error is \"{}\"", graph.error().message());
    return {};
  }
  if (!graph.ok()) return graph.error();
  double bound = 1e-6;
  if (test.expect.starts_with("within ")) {
    bound = std::strtod(test.expect.c_str() + 7, nullptr);
  } else if (!test.expect.empty()) {
    return error("\"expect {}\" has no meaning for an operator", test.expect);
  }
  const std::map<std::string, ExpectedOutput> expected = TRY(parse_expected(test.expected));

  std::vector<std::string> executors = {"reference"};
  for (const kernels::Isa isa : kernels::available_isas()) executors.push_back(kernels::name(isa));
  for (const std::string& executor : executors)
    for (const int thread_count : {1, 3}) {
      const kernels::KernelLimits limits = TRY(kernels::kernel_limits(executor));
      const std::vector<Tensor> outputs = TRY(execute(*graph, {}, {.thread_count = thread_count, .kernels = limits}));
      const Status good = check_outputs(*graph, outputs, expected, bound);
      if (!good.ok()) return good.error().at(fmt::format("{}, {} threads", executor, thread_count));
    }
  return {};
}

}  // namespace espalier
