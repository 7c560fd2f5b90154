// The executor: the same bytes with every choice of kernels and any number of threads, run after run.
#include "run/run.h"

#include <gtest/gtest.h>

#include <cstring>

#include "graph/text.h"
#include "ops/op.h"

namespace espalier::run {
namespace {

// A residual block, a branch that is joined, pooling and a classifier, in floats and in integers.
constexpr const char* kFloatNet = R"(
%x = input f32[1,19,17,3]
%a = conv2d %x w=random(1)[24,3,3,3] bias=random(2)[24] padding=[1,1,1,1] activation="relu"
%b = conv2d %a w=random(3)[24,3,3,1] groups=24 padding=[1,1,1,1]
%s = silu %b
%c = conv2d %s w=random(4)[24,1,1,24]
%d = add %a %c activation="relu"
%p = max_pool %d kernel=[3,3] strides=[2,2] padding=[1,1,1,1]
%u = resize %p size=[19,17] scales=[1.9,1.889] mode="nearest" coordinates="asymmetric" rounding="floor"
%j = concat %u %d axis=3
%m = reduce_mean %j axes=[1,2]
%r = reshape %m shape=[1,48]
%y = linear %r w=random(5)[10,48] bias=random(6)[10]
%z = softmax %y
output %z
output %j
)";

constexpr const char* kIntegerNet = R"(
%x = input s8[1,19,17,3]{scale=0.02,zero_point=-5}
%a = conv2d %x w=s8:random(1)[24,3,3,3]{scale=0.01,zero_point=0} bias=s32:random(2)[24] padding=[1,1,1,1] activation="relu" -> s8[1,19,17,24]{scale=0.05,zero_point=-128}
%b = conv2d %a w=s8:random(3)[24,3,3,1]{scale=0.01,zero_point=0} groups=24 padding=[1,1,1,1] -> s8[1,19,17,24]{scale=0.07,zero_point=3}
%c = conv2d %b w=s8:random(4)[24,1,1,24]{scale=0.004,zero_point=1} -> s8[1,19,17,24]{scale=0.06,zero_point=7}
%d = add %a %c -> s8[1,19,17,24]{scale=0.08,zero_point=1}
%p = max_pool %d kernel=[3,3] strides=[2,2] padding=[1,1,1,1] -> s8[1,10,9,24]{scale=0.08,zero_point=1}
%u = resize %p size=[19,17] scales=[1.9,1.889] mode="linear" coordinates="half_pixel" -> s8[1,19,17,24]{scale=0.08,zero_point=1}
%j = concat %u %c axis=3 -> s8[1,19,17,48]{scale=0.07,zero_point=2}
%m = reduce_mean %j axes=[1,2] -> s8[1,1,1,48]{scale=0.02,zero_point=0}
%r = reshape %m shape=[1,48] -> s8[1,48]{scale=0.02,zero_point=0}
%y = linear %r w=s8:random(5)[10,48]{scale=0.01,zero_point=0} -> s8[1,10]{scale=0.03,zero_point=-3}
%z = dequantize %y
output %z
output %j
)";

std::shared_ptr<const Graph> graph_of(const char* text) {
  Result<Graph> graph = parse_graph(text, ops::op_lookup());
  EXPECT_TRUE(graph.ok()) << graph.error().message();
  return std::make_shared<Graph>(std::move(graph).value());
}

using Outputs = std::vector<std::vector<char>>;

Outputs outputs_of(Runner& runner, uint64_t seed) {
  const Value& input = *runner.graph().inputs()[0].value;
  const Tensor data = random_tensor(seed, input.type);
  std::memcpy(runner.input(0), data.bytes(), static_cast<size_t>(data.size_bytes()));
  runner.run();
  Outputs outputs;
  for (size_t i = 0; i < runner.graph().outputs().size(); ++i) {
    const TensorType& type = runner.graph().outputs()[i].value->type;
    const auto* bytes = static_cast<const char*>(runner.output(i));
    outputs.emplace_back(bytes, bytes + element_count(type.shape) * size_bytes(type.type));
  }
  return outputs;
}

Runner runner_of(const std::shared_ptr<const Graph>& graph, const RunOptions& options) {
  Result<Runner> runner = Runner::create(graph, options);
  EXPECT_TRUE(runner.ok()) << runner.error().message();
  return std::move(runner).value();
}

void check_all_ways(const char* text) {
  const std::shared_ptr<const Graph> graph = graph_of(text);
  Runner reference = runner_of(graph, {.thread_count = 1, .kernels = {.reference_only = true}});
  const Outputs first = outputs_of(reference, 1);
  const Outputs second = outputs_of(reference, 2);
  EXPECT_NE(first, second);
  for (const kernels::Isa isa : kernels::available_isas())
    for (const int threads : {1, 2, 3, 4}) {
      Runner runner = runner_of(graph, {.thread_count = threads, .kernels = {.best = isa}});
      for (const Step& step : runner.steps()) EXPECT_NE(step.choice.kernel, &kernels::reference) << step.node->name;
      for (int repeat = 0; repeat < 20; ++repeat) {
        EXPECT_EQ(outputs_of(runner, 1), first) << kernels::name(isa) << " with " << threads << " threads";
        EXPECT_EQ(outputs_of(runner, 2), second);
      }
    }
}

TEST(run, floats_are_the_same_on_every_kernel_and_thread_count) { check_all_ways(kFloatNet); }
TEST(run, integers_are_the_same_on_every_kernel_and_thread_count) { check_all_ways(kIntegerNet); }

TEST(run, the_observer_sees_every_step_with_its_outputs_alive) {
  const std::shared_ptr<const Graph> graph = graph_of(kFloatNet);
  Runner runner = runner_of(graph, {});
  std::vector<std::string> seen;
  runner.run([&](const Step& step, double time_us) {
    EXPECT_GE(time_us, 0);
    EXPECT_NE(step.outputs[0], nullptr);
    seen.push_back(step.node->op);
  });
  EXPECT_EQ(seen.size(), graph->nodes().size());
  EXPECT_EQ(seen.front(), "conv2d");
}

TEST(run, thread_counts_outside_the_range_are_errors) {
  const std::shared_ptr<const Graph> graph = graph_of(kFloatNet);
  for (const int threads : {0, -1, 257})
    EXPECT_FALSE(Runner::create(graph, {.thread_count = threads, .kernels = {}}).ok());
}

}  // namespace
}  // namespace espalier::run
