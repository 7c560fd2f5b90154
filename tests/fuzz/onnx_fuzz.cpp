// Fuzz target: an ONNX file of any content reads or is refused; what reads is valid, simplifies and runs.
#include "fuzz/fuzz.h"
#include "graph/verify.h"
#include "read/onnx/onnx.h"
#include "simplify/simplify.h"

using namespace espalier;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // No such folder: external data is never there.
  const std::string path = "no_such_folder/fuzz.onnx";
  const bool survey = size % 2 == 1;
  Result<read::Model> model = read::onnx::read_onnx({data, size}, path, {}, survey);
  if (!model.ok() || model->graph.outputs().empty()) return 0;
  const Status valid = verify_graph(model->graph, ops::op_lookup());
  CHECK(valid.ok(), "{}", valid.error().message());
  simplify::simplify(model->graph);
  fuzz::run_if_small(model->graph);
  return 0;
}
