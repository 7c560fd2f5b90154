// Graph text: whatever parses and verifies prints as text that reads back to the same text.
#include "fuzz/target.h"
#include "graph/text.h"
#include "graph/verify.h"
#include "ops/op.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace espalier;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Result<Graph> graph = parse_graph(text, ops::op_lookup());
  if (!graph.ok() || !verify_graph(*graph, ops::op_lookup()).ok()) return 0;
  std::vector<const Value*> constants;
  for (const Value* value : graph->values())
    if (value->is_constant()) constants.push_back(value);
  const auto find = [&](const std::string& hash) {
    for (const Value* value : constants)
      if (constant_hash(value->constant) == hash) return value->constant;
    return Tensor();
  };
  const std::string printed = print_graph(*graph, ops::op_lookup());
  const Result<Graph> again = parse_graph(printed, ops::op_lookup(), find);
  require(again.ok());
  require(print_graph(*again, ops::op_lookup()) == printed);
  return 0;
}
