// Fuzz target: the text of a graph parses or is refused; what parses prints to text that parses to the same text, and
// what is valid runs alike on the reference and on the kernels.
#include <map>

#include "fuzz/fuzz.h"
#include "graph/verify.h"

using namespace espalier;

namespace {

// Constants by the hash under which they are printed.
std::map<std::string, Tensor> constants_of(const Graph& graph) {
  std::map<std::string, Tensor> constants;
  for (const Value* value : graph.values()) {
    if (value->is_constant()) constants.emplace(constant_hash(value->constant), value->constant);
    if (!value->quantization || value->quantization->per_tensor()) continue;
    const std::vector<float>& scales = value->quantization->scales;
    Tensor tensor(DataType::f32, {static_cast<int64_t>(scales.size())});
    std::copy(scales.begin(), scales.end(), tensor.mutable_data<float>());
    constants.emplace(constant_hash(tensor), tensor);
  }
  return constants;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const OpLookup& lookup = ops::op_lookup();
  const Result<Graph> graph = parse_graph({reinterpret_cast<const char*>(data), size}, lookup);
  if (!graph.ok() || !verify_graph(*graph, lookup).ok()) return 0;
  const std::map<std::string, Tensor> constants = constants_of(*graph);
  const ConstantSource source = [&](const std::string& hash) {
    const auto found = constants.find(hash);
    return found == constants.end() ? Tensor() : found->second;
  };
  const std::string text = print_graph(*graph, lookup);
  const Result<Graph> again = parse_graph(text, lookup, source);
  CHECK(again.ok(), "{}\n{}", again.error().message(), text);
  const std::string text_again = print_graph(*again, lookup);
  CHECK(text == text_again, "\n{}\nbecame\n{}", text, text_again);
  fuzz::run_if_small(*graph);
  return 0;
}
