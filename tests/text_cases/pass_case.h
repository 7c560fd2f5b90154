// A case of a pass: the graph after the pass is the expected one, and both compute the same.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>

#include "graph/verify.h"
#include "simplify/simplify.h"
#include "text_cases/case_file.h"
#include "text_cases/execute.h"

namespace espalier {

// The graph's text with numbers for names, so that a case may name its values as it likes. A node's own name is kept
// where `names` says so.
inline std::string canonical(const Graph& graph, const std::vector<bool>& names) {
  const Graph copy = graph.clone();
  int count = 0;
  for (const Port& port : copy.inputs()) port.value->name = std::to_string(count++);
  const std::vector<Node*> nodes = copy.nodes();
  for (size_t i = 0; i < nodes.size(); ++i) {
    for (Value* output : nodes[i]->outputs) output->name = std::to_string(count++);
    if (i >= names.size() || !names[i]) nodes[i]->name = nodes[i]->output()->name;
  }
  Graph renamed = copy.clone();
  for (Port& port : renamed.inputs()) port.name = port.value->name;
  for (Port& port : renamed.outputs()) port.name = port.value->name;
  return print_graph(renamed, ops::op_lookup());
}

// Nodes to which the text gives a name with @.
inline std::vector<bool> named_nodes(const Graph& graph) {
  std::vector<bool> named;
  for (const Node* node : graph.nodes()) named.push_back(node->name != node->output()->name);
  return named;
}

// Integers are equal; reals agree within 1e-5 of the output's range, the room for a reordered sum of a few terms.
inline Status same_values(const Tensor& before, const Tensor& after) {
  if (before.type() != after.type() || before.shape() != after.shape())
    return error("the output {} became {}", to_string(TensorType{before.type(), before.shape()}),
                 to_string(TensorType{after.type(), after.shape()}));
  if (before.type() != DataType::f32) {
    if (std::memcmp(before.bytes(), after.bytes(), static_cast<size_t>(before.size_bytes())) != 0)
      return error("an integer output changed its values");
    return {};
  }
  float range = 0;
  for (int64_t i = 0; i < before.count(); ++i) range = std::max(range, std::abs(before.data<float>()[i]));
  for (int64_t i = 0; i < before.count(); ++i) {
    const float a = before.data<float>()[i];
    const float b = after.data<float>()[i];
    if (!(std::abs(a - b) <= 1e-5f * range)) return error("element {} of an output was {} and became {}", i, a, b);
  }
  return {};
}

inline Status same_function(const Graph& before, const Graph& after) {
  const std::vector<Tensor> inputs = random_inputs(before);
  const run::RunOptions reference{.thread_count = 1, .kernels = {.reference_only = true}};
  const std::vector<Tensor> outputs = TRY(execute(before, inputs, reference));
  const std::vector<Tensor> outputs_after = TRY(execute(after, inputs, reference));
  if (outputs.size() != outputs_after.size()) return error("the number of outputs changed");
  for (size_t i = 0; i < outputs.size(); ++i) TRY_STATUS(same_values(outputs[i], outputs_after[i]));
  return {};
}

inline Status run_pass_case(const TextCase& test) {
  const std::vector<Pass>& passes = simplify::passes();
  const auto pass = std::find_if(passes.begin(), passes.end(), [&](const Pass& p) { return test.run == p.name; });
  if (pass == passes.end()) return error("there is no pass \"{}\"", test.run);
  const OpLookup& lookup = ops::op_lookup();
  const Graph before = TRY(parse_graph(test.graph, lookup));
  TRY_STATUS(verify_graph(before, lookup));

  Graph after = before.clone();
  const int count = pass->run(after);
  TRY_STATUS(after.sort());
  TRY_STATUS(verify_graph(after, lookup));
  const bool unchanged = test.expect == "unchanged";
  if (!unchanged && !test.expect.empty()) return error("\"expect {}\" has no meaning for a pass", test.expect);
  if ((count == 0) != unchanged) return error("the pass says that it made {} rewrites", count);

  const Graph expected = unchanged ? before.clone() : TRY(parse_graph(test.expected, lookup));
  TRY_STATUS(verify_graph(expected, lookup));
  const std::vector<bool> names = named_nodes(expected);
  if (canonical(after, names) != canonical(expected, names))
    return error("the graph after the pass is\n{}\nexpected is\n{}\nwith its own names it is\n{}",
                 canonical(after, names), canonical(expected, names), print_graph(after, lookup));
  TRY_STATUS(same_function(before, after));

  // The whole stage must keep the values as well, and come to rest.
  Graph simplified = before.clone();
  const std::vector<PassResult> results = simplify::simplify(simplified);
  TRY_STATUS(same_function(before, simplified));
  for (size_t i = results.size() - passes.size(); i < results.size(); ++i)
    if (results[i].rewrite_count != 0) return error("simplify comes to no rest: {} still rewrites", results[i].name);
  return {};
}

}  // namespace espalier
