// fold_constants: a node that reads constants only becomes a constant, by the reference meaning of its operator.
#include <algorithm>

#include "base/check.h"
#include "ops/op.h"
#include "simplify/passes.h"

namespace espalier::simplify {

int fold_constants(Graph& graph) {
  int count = 0;
  for (Node* node : graph.nodes()) {
    const bool constant = std::all_of(node->inputs.begin(), node->inputs.end(),
                                      [](const Value* value) { return value == nullptr || value->is_constant(); });
    if (!constant || node->outputs.size() != 1 || ops::find_meaning(*node) == nullptr) continue;
    // The reader folds what it reads; here only what passes have made constant is left.
    if (!ops::is_cheap(*node)) continue;
    std::vector<Tensor> inputs;
    for (const Value* input : node->inputs) inputs.push_back(input == nullptr ? Tensor() : input->constant);
    Result<std::vector<Tensor>> outputs = ops::evaluate(*node, inputs);
    CHECK(outputs.ok(), "{}", outputs.error().message());
    Value* folded = graph.add_constant(node->output()->name, std::move((*outputs)[0]));
    folded->quantization = node->output()->quantization;
    graph.replace(node, folded);
    ++count;
  }
  return count;
}

}  // namespace espalier::simplify
