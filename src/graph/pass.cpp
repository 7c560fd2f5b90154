// The pass runner of graph/pass.h.
#include "graph/pass.h"

#include <chrono>

#include "base/check.h"
#include "graph/verify.h"

namespace espalier {

std::vector<PassResult> run_passes(Graph& graph, std::span<const Pass> passes, const OpLookup& ops,
                                   const PassOptions& options, int round_count_max) {
  std::vector<PassResult> results;
  for (int round = 0; round < round_count_max; ++round) {
    int rewrite_count = 0;
    for (const Pass& pass : passes) {
      if (options.disabled.contains(pass.name)) continue;
      const auto start = std::chrono::steady_clock::now();
      const int count = pass.run(graph);
      const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - start;
      results.push_back({.name = pass.name, .rewrite_count = count, .time_ms = elapsed.count()});
      rewrite_count += count;
      if (count == 0) continue;
      const Status sorted = graph.sort();
      CHECK(sorted.ok(), "after {}: {}", pass.name, sorted.error().message());
      const Status verified = verify_graph(graph, ops);
      CHECK(verified.ok(), "after {}: {}", pass.name, verified.error().message());
      if (options.dump) options.dump(pass.name, graph);
    }
    if (rewrite_count == 0) break;
  }
  return results;
}

}  // namespace espalier
