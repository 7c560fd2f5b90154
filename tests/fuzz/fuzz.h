// What the fuzz targets share: the entry point's name, and running a small graph on the reference and on the best
// kernels.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "base/check.h"
#include "graph/text.h"
#include "ops/op.h"
#include "run/run.h"

// One input of the fuzzer, or one file of the corpus. It may return early, and must never crash.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace espalier::fuzz {

// Steps of the reference's inner loops, roughly; enough to leave out graphs that would run for minutes.
inline double step_count(const Node& node) {
  double steps = static_cast<double>(ops::mac_count(node));
  for (const Value* output : node.outputs) steps += static_cast<double>(element_count(output->shape()));
  for (const Value* input : node.inputs)
    if (input != nullptr) steps += static_cast<double>(element_count(input->shape()));
  if (node.has("kernel"))
    for (const int64_t side : node.integers("kernel")) steps *= static_cast<double>(side);
  // The reference walks every tap, padded ones too; a depthwise convolution of one channel has few MACs a tap.
  if (node.op == "conv2d")
    steps += static_cast<double>(element_count(node.output()->shape())) *
             static_cast<double>(node.inputs[1]->shape()[1]) * static_cast<double>(node.inputs[1]->shape()[2]);
  return steps;
}

inline bool is_small(const Graph& graph) {
  double steps = 0;
  double bytes = 0;
  for (const Node* node : graph.nodes()) steps += step_count(*node);
  for (const Value* value : graph.values())
    bytes += static_cast<double>(element_count(value->shape())) * static_cast<double>(size_bytes(value->type.type));
  return steps < 1e7 && bytes < 64e6;
}

// Runs the graph on seeded inputs and returns the bytes of its outputs.
inline Result<std::vector<std::vector<uint8_t>>> run(const std::shared_ptr<const Graph>& graph, bool reference) {
  run::Runner runner = TRY(run::Runner::create(graph, {.thread_count = 1, .kernels = {.reference_only = reference}}));
  for (size_t i = 0; i < graph->inputs().size(); ++i) {
    const Tensor data = random_tensor(i, graph->inputs()[i].value->type);
    std::memcpy(runner.input(i), data.bytes(), static_cast<size_t>(data.size_bytes()));
  }
  runner.run();
  std::vector<std::vector<uint8_t>> outputs;
  for (size_t i = 0; i < graph->outputs().size(); ++i) {
    const TensorType& type = graph->outputs()[i].value->type;
    const auto* bytes = static_cast<const uint8_t*>(runner.output(i));
    outputs.emplace_back(bytes, bytes + element_count(type.shape) * size_bytes(type.type));
  }
  return outputs;
}

// Same values; NaN is NaN whatever its payload, which depends on the order of operands in an instruction.
inline bool same(const TensorType& type, const std::vector<uint8_t>& a, const std::vector<uint8_t>& b) {
  if (type.type != DataType::f32) return a == b;
  for (size_t i = 0; i + sizeof(float) <= a.size(); i += sizeof(float)) {
    float x, y;
    std::memcpy(&x, a.data() + i, sizeof(float));
    std::memcpy(&y, b.data() + i, sizeof(float));
    if (std::memcmp(&x, &y, sizeof(float)) != 0 && !(x != x && y != y)) return false;
  }
  return true;
}

// Requires: verify_graph accepts the graph. Reference and kernels must agree to the bit.
inline void run_if_small(const Graph& graph) {
  if (!is_small(graph)) return;
  const auto shared = std::make_shared<const Graph>(graph.clone());
  const auto expected = run(shared, true);
  const auto got = run(shared, false);
  CHECK(expected.ok() == got.ok());
  if (!expected.ok()) return;
  for (size_t i = 0; i < expected->size(); ++i)
    CHECK(same(graph.outputs()[i].value->type, (*expected)[i], (*got)[i]),
          "output {} differs between reference and kernels", i);
}

}  // namespace espalier::fuzz
