// Running passes: each is a free function that returns how many rewrites it made. The runner sorts, verifies, times,
// dumps and can leave a pass out by name; a pass does none of that.
#pragma once

#include <functional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "graph/op_lookup.h"

namespace espalier {

struct Pass {
  const char* name;
  int (*run)(Graph& graph);
  const char* order_reason;  // why it stands where it stands
};

struct PassResult {
  std::string name;
  int rewrite_count = 0;
  double time_ms = 0;
};

// Real networks rest after three or four rounds.
inline constexpr int kRoundCountMax = 64;

struct PassOptions {
  std::set<std::string> disabled;
  // Called after each pass that changed something with the pass's name ("(unchanged)" ones are only in the results).
  std::function<void(const std::string& pass, const Graph& graph)> dump;
};

// Runs the list in order until a whole round changes nothing, which stands in the results: a later pass may open work
// for an earlier one. After `round_count_max` rounds it stops all the same; the graph is right, but not at rest. CHECKs
// the graph's invariants after every pass that changed something.
std::vector<PassResult> run_passes(Graph& graph, std::span<const Pass> passes, const OpLookup& ops,
                                   const PassOptions& options = {}, int round_count_max = kRoundCountMax);

}  // namespace espalier
