// The executor of run/run.h.
#include "run/run.h"

#include <algorithm>
#include <chrono>
#include <unordered_map>

#include "base/memory.h"
#include "run/memory_plan.h"

namespace espalier::run {

Result<Runner> Runner::create(std::shared_ptr<const Graph> graph, const RunOptions& options) {
  if (options.thread_count < 1 || options.thread_count > 256)
    return error("{} threads were asked for; 1 to 256 are possible", options.thread_count);
  Runner runner;
  runner.graph_ = std::move(graph);
  runner.threads_ = std::make_unique<ThreadPool>(options.thread_count);
  if (runner.threads_->thread_count() < options.thread_count)
    return error("{} threads were asked for; the system gives only {}", options.thread_count,
                 runner.threads_->thread_count());
  for (const Node* node : runner.graph_->nodes()) {
    Step step{.node = node,
              .choice = kernels::choose_kernel(*node, options.kernels),
              .prepared = {},
              .inputs = {},
              .outputs = {}};
    if (step.choice.kernel == nullptr)
      return error("node \"{}\" ({}): no kernel runs it: {}", node->name, node->op,
                   kernels::reference.when(*node).sentence());
    step.prepared = step.choice.kernel->prepare(*node);
    runner.steps_.push_back(std::move(step));
  }
  TRY_STATUS(runner.plan(options.kept));
  return runner;
}

Status Runner::plan(const std::vector<const Value*>& kept) {
  const auto last_step = static_cast<int64_t>(steps_.size());
  std::unordered_map<const Value*, size_t> index_of;
  std::vector<LiveRange> ranges;
  const auto add = [&](const Value* value, int64_t first) {
    if (value->is_constant() || index_of.contains(value)) return;
    index_of[value] = ranges.size();
    ranges.push_back({element_count(value->shape()) * size_bytes(value->type.type), first, first});
  };
  // Inputs and outputs live throughout: the caller may read and write them between runs.
  for (const Port& port : graph_->inputs()) {
    add(port.value, 0);
    ranges[index_of.at(port.value)].last = last_step;
  }
  for (int64_t i = 0; i < last_step; ++i) {
    for (const Value* output : steps_[static_cast<size_t>(i)].node->outputs) add(output, i);
    for (const Value* input : steps_[static_cast<size_t>(i)].node->inputs)
      if (input != nullptr && !input->is_constant()) {
        LiveRange& range = ranges[index_of.at(input)];
        range.last = std::max(range.last, i);
      }
  }
  for (const Port& port : graph_->outputs())
    if (!port.value->is_constant())
      ranges[index_of.at(port.value)] = {ranges[index_of.at(port.value)].size_bytes, 0, last_step};
  for (const Value* value : kept) ranges[index_of.at(value)].last = last_step;

  const MemoryPlan plan = plan_memory(ranges);
  arena_size_bytes_ = plan.size_bytes;
  for (const Step& step : steps_)
    scratch_size_bytes_ = std::max(scratch_size_bytes_, (step.prepared.scratch_size_bytes + 63) / 64 * 64);
  const int64_t available = physical_memory_size_bytes();
  const int64_t needed = arena_size_bytes_ + scratch_size_bytes_ * threads_->thread_count();
  if (needed > available)
    return error(
        "the values between the network's nodes and the kernels' scratch need {:.1f} GB of memory, this machine has "
        "{:.1f} GB",
        static_cast<double>(needed) * 1e-9, static_cast<double>(available) * 1e-9);
  arena_ = Tensor(DataType::u8, {arena_size_bytes_});
  char* arena = static_cast<char*>(arena_.mutable_bytes());
  const auto address = [&](const Value* value) -> void* {
    if (value == nullptr) return nullptr;
    // Constants are only ever read; kernels take void pointers of both kinds.
    if (value->is_constant()) return const_cast<void*>(value->constant.bytes());
    return arena + plan.offsets[index_of.at(value)];
  };
  for (Step& step : steps_) {
    for (const Value* input : step.node->inputs) step.inputs.push_back(address(input));
    for (const Value* output : step.node->outputs) step.outputs.push_back(address(output));
  }
  scratch_ = Tensor(DataType::u8, {scratch_size_bytes_ * threads_->thread_count()});
  scratch_begin_ = static_cast<char*>(scratch_.mutable_bytes());
  for (const Port& port : graph_->inputs()) inputs_.push_back(address(port.value));
  for (const Port& port : graph_->outputs()) outputs_.push_back(address(port.value));
  for (const Value* value : kept) kept_.push_back(address(value));
  return {};
}

void Runner::run(const Observer& observer) {
  using Clock = std::chrono::steady_clock;
  for (const Step& step : steps_) {
    const Clock::time_point start = observer ? Clock::now() : Clock::time_point();
    threads_->run([&](int thread_index) {
      step.prepared.run({.inputs = step.inputs.data(),
                         .outputs = step.outputs.data(),
                         .scratch = scratch_begin_ + thread_index * scratch_size_bytes_,
                         .thread_index = thread_index,
                         .thread_count = threads_->thread_count()});
    });
    if (observer) observer(step, std::chrono::duration<double, std::micro>(Clock::now() - start).count());
  }
}

}  // namespace espalier::run
