// Fuzz target: an ONNX file of any content reads or is refused; what reads is valid, simplifies, runs, and is quantized
// with its own scales or with what the run has shown. What the integer graph is written as reads back.
#include "fuzz/fuzz.h"
#include "graph/statistics.h"
#include "graph/verify.h"
#include "quantize/discard_scales.h"
#include "quantize/quantize_as_stored.h"
#include "read/onnx/onnx.h"
#include "simplify/simplify.h"
#include "write/write.h"

using namespace espalier;

namespace {

// The integer graph is valid and runs, and its exports are ONNX files that read.
void check_integers(const Result<quantize::Quantized>& quantized) {
  if (!quantized.ok()) return;
  const Status valid = verify_graph(quantized->graph, ops::op_lookup());
  CHECK(valid.ok(), "{}", valid.error().message());
  fuzz::run_if_small(quantized->graph);
  for (const write::OnnxForm form : {write::OnnxForm::qdq, write::OnnxForm::qoperator}) {
    const Result<std::vector<uint8_t>> bytes = write::write_onnx(quantized->graph, {.form = form, .producer = "fuzz"});
    if (bytes.ok()) (void)read::onnx::read_onnx(*bytes, "no_such_folder/export.onnx", {}, /*survey=*/false);
  }
}

// As the compiler does, with one random sample.
void quantize_if_small(const Graph& graph) {
  if (!fuzz::is_small(graph)) return;
  const auto shared = std::make_shared<const Graph>(graph.clone());
  Result<run::Runner> runner = run::Runner::create(shared, {.thread_count = 1, .kernels = {.reference_only = true}});
  if (!runner.ok()) return;
  Statistics statistics;
  const auto add = [&](const Value& value, const void* data) {
    if (value.type.type == DataType::f32)
      statistics[value.name].add(static_cast<const float*>(data), element_count(value.shape()));
  };
  for (size_t i = 0; i < shared->inputs().size(); ++i) {
    const Value& value = *shared->inputs()[i].value;
    const Tensor data = random_tensor(i, value.type);
    std::memcpy(runner->input(i), data.bytes(), static_cast<size_t>(data.size_bytes()));
    add(value, data.bytes());
  }
  runner->run([&](const run::Step& step, double) {
    for (size_t i = 0; i < step.outputs.size(); ++i) add(*step.node->outputs[i], step.outputs[i]);
  });
  check_integers(quantize::quantize(graph, statistics, {}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // No such folder: external data is never there.
  const std::string path = "no_such_folder/fuzz.onnx";
  const bool survey = size % 2 == 1;
  Result<read::Model> model =
      read::onnx::read_onnx({data, size}, path, {.made_constants_size_bytes_max = 1 << 28}, survey);
  if (!model.ok() || model->graph.outputs().empty()) return 0;
  const Status valid = verify_graph(model->graph, ops::op_lookup());
  CHECK(valid.ok(), "{}", valid.error().message());
  Graph floats = model->graph.clone();
  simplify::simplify(model->graph);
  fuzz::run_if_small(model->graph);
  if (!quantize::has_scales(model->graph)) {
    quantize_if_small(model->graph);
    return 0;
  }
  check_integers(quantize::quantize_as_stored(model->graph));
  quantize::discard_scales(floats);
  simplify::simplify(floats);
  quantize_if_small(floats);
  return 0;
}
