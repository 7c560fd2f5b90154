// Runs a graph for text cases: user tensors in, user tensors out, through the borders' permutations.
#pragma once

#include <cstring>
#include <memory>
#include <vector>

#include "graph/text.h"
#include "ops/op.h"
#include "run/run.h"

namespace espalier {

// Value dimension d of the result is dimension permutation[d] of the tensor.
inline Tensor transposed(const Tensor& tensor, const std::vector<int64_t>& permutation) {
  if (permutation.empty()) return tensor;
  Value input;
  input.type = {tensor.type(), tensor.shape()};
  Value output;
  Node node{.op = "transpose", .name = "border", .inputs = {&input}, .outputs = {&output}, .attributes = {}};
  node.attributes["permutation"] = permutation;
  const Status inferred = ops::infer_outputs(&node);
  return inferred.ok() ? ops::evaluate(node, {tensor}).value()[0] : Tensor();
}

inline std::vector<int64_t> inverse_of(const std::vector<int64_t>& permutation) {
  std::vector<int64_t> result(permutation.size());
  for (size_t d = 0; d < permutation.size(); ++d) result[static_cast<size_t>(permutation[d])] = static_cast<int64_t>(d);
  return result;
}

// Seeded tensors for the graph's inputs in the user's layout. Reals lie in [-4, 4), where every activation bends.
inline std::vector<Tensor> random_inputs(const Graph& graph) {
  std::vector<Tensor> tensors;
  for (const Port& port : graph.inputs()) {
    Tensor tensor = random_tensor(1000 + tensors.size(), port.type);
    if (tensor.type() == DataType::f32) {
      Tensor wide(DataType::f32, tensor.shape());
      for (int64_t i = 0; i < tensor.count(); ++i) wide.mutable_data<float>()[i] = 4 * tensor.data<float>()[i];
      tensor = wide;
    }
    tensors.push_back(tensor);
  }
  return tensors;
}

// The outputs in the user's layout.
inline Result<std::vector<Tensor>> execute(const Graph& graph, const std::vector<Tensor>& inputs,
                                           const run::RunOptions& options) {
  const auto shared = std::make_shared<const Graph>(graph.clone());
  run::Runner runner = TRY(run::Runner::create(shared, options));
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Tensor inside = transposed(inputs[i], shared->inputs()[i].permutation);
    std::memcpy(runner.input(i), inside.bytes(), static_cast<size_t>(inside.size_bytes()));
  }
  runner.run();
  std::vector<Tensor> outputs;
  for (size_t i = 0; i < shared->outputs().size(); ++i) {
    const Port& port = shared->outputs()[i];
    Tensor inside(port.value->type.type, port.value->type.shape);
    std::memcpy(inside.mutable_bytes(), runner.output(i), static_cast<size_t>(inside.size_bytes()));
    outputs.push_back(transposed(inside, inverse_of(port.permutation)));
  }
  return outputs;
}

}  // namespace espalier
