// Runs a graph on this CPU: kernels are chosen and memory is planned once, then each run only calls the kernels.
//
//   choose kernels -> prepare (pack weights) -> plan memory -> run steps in order, each on all threads
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "graph/graph.h"
#include "kernels/kernel.h"

namespace espalier::run {

struct RunOptions {
  int thread_count = 1;
  kernels::KernelLimits kernels;
  std::vector<const Value*> kept = {};  // computed values that stay in memory after the run
};

// One node with its kernel.
struct Step {
  const Node* node = nullptr;
  kernels::Choice choice;
  kernels::Prepared prepared;
  std::vector<const void*> inputs;
  std::vector<void*> outputs;
};

// Called after each step, before the next one may reuse its inputs' memory.
using Observer = std::function<void(const Step& step, double time_us)>;

// Thread rule: one caller at a time.
class Runner {
 public:
  // An error names the first node that no kernel takes. The graph is shared and not changed.
  static Result<Runner> create(std::shared_ptr<const Graph> graph, const RunOptions& options);

  // Memory of the index-th input or output port, dense, in the value's type. Inputs keep their data between runs.
  void* input(size_t index) const { return inputs_[index]; }
  const void* output(size_t index) const { return outputs_[index]; }
  // Memory of the index-th of the values that RunOptions keeps.
  const void* kept(size_t index) const { return kept_[index]; }

  void run(const Observer& observer = {});

  const Graph& graph() const { return *graph_; }
  const std::vector<Step>& steps() const { return steps_; }
  int64_t arena_size_bytes() const { return arena_size_bytes_; }

 private:
  Status plan(const std::vector<const Value*>& kept);

  std::shared_ptr<const Graph> graph_;
  std::unique_ptr<ThreadPool> threads_;
  std::vector<Step> steps_;
  Tensor arena_;
  Tensor scratch_;
  int64_t arena_size_bytes_ = 0;
  int64_t scratch_size_bytes_ = 0;  // per thread
  char* scratch_begin_ = nullptr;
  std::vector<void*> inputs_;
  std::vector<const void*> outputs_;
  std::vector<const void*> kept_;
};

}  // namespace espalier::run
