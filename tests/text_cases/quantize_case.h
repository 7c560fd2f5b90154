// A case of the quantize stage: the integer graph that a graph with the file's own scales becomes.
#pragma once

#include "graph/verify.h"
#include "quantize/quantize_as_stored.h"
#include "text_cases/pass_case.h"

namespace espalier {

// Lines "float <op>: <reason>" of the expectation, and the graph that is left.
struct ExpectedIntegers {
  std::vector<std::string> reasons;
  std::string graph;
};

inline ExpectedIntegers split_expected(const std::string& text) {
  ExpectedIntegers expected;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("float ") || line.starts_with("note ")) {
      expected.reasons.push_back(line);
    } else {
      expected.graph += line + "\n";
    }
  }
  return expected;
}

inline Status run_quantize_case(const TextCase& test) {
  const OpLookup& lookup = ops::op_lookup();
  const Graph source = TRY(parse_verified(test.graph));
  const Result<quantize::Quantized> result = quantize::quantize_as_stored(source);
  if (test.expect.starts_with("error ")) {
    if (result.ok()) return error("the graph is accepted, an error is expected");
    if (result.error().message().find(test.expect.substr(6)) == std::string::npos)
      return error("the error is \"{}\"", result.error().message());
    return {};
  }
  if (!result.ok()) return result.error();
  if (!test.expect.empty()) return error("\"expect {}\" has no meaning here", test.expect);
  TRY_STATUS(verify_graph(result->graph, lookup));
  const ExpectedIntegers expected = split_expected(test.expected);
  std::vector<std::string> reasons;
  for (const quantize::FloatNode& node : result->report.float_nodes)
    reasons.push_back(fmt::format("float {}: {}", node.op, node.reason));
  for (const std::string& note : result->report.notes) reasons.push_back("note " + note);
  if (reasons != expected.reasons)
    return error("reasons and notes are\n{}\nexpected are\n{}", fmt::join(reasons, "\n"),
                 fmt::join(expected.reasons, "\n"));
  const Graph graph = TRY(parse_verified(expected.graph));
  const std::vector<bool> names = named_nodes(graph);
  if (canonical(result->graph, names) != canonical(graph, names))
    return error("the integer graph is\n{}\nexpected is\n{}", print_graph(result->graph, lookup),
                 canonical(graph, names));
  return {};
}

}  // namespace espalier
