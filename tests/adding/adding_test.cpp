// The worked examples of docs/adding.md: their files build into the lists and do what the page says.
#include <gtest/gtest.h>

#include "graph/text.h"
#include "kernels/kernel.h"
#include "ops/op.h"
#include "run/run.h"
#include "simplify/simplify.h"

namespace espalier {
namespace {

Graph parsed(const char* text) {
  Result<Graph> graph = parse_graph(text, ops::op_lookup());
  EXPECT_TRUE(graph.ok()) << (graph.ok() ? "" : graph.error().message());
  return std::move(graph).value();
}

TEST(adding, the_operator_is_known_and_squares) {
  const Graph graph = parsed("%x = input f32[3]\n%y = square %x\noutput %y\n");
  const std::vector<Tensor> result = ops::evaluate(*graph.nodes()[0], {tensor_f32({3}, {-2, 0.5f, 3})}).value();
  EXPECT_EQ(result[0].data<float>()[0], 4);
  EXPECT_EQ(result[0].data<float>()[1], 0.25f);
  EXPECT_EQ(result[0].data<float>()[2], 9);
}

TEST(adding, a_transpose_moves_past_the_operator) {
  Graph graph = parsed(
      "%x = input f32[1,3,4,2]\n%a = transpose %x permutation=[0,3,1,2]\n%b = square %a\n"
      "%c = transpose %b permutation=[0,2,3,1]\noutput %c\n");
  simplify::simplify(graph);
  ASSERT_EQ(graph.node_count(), 1u);
  EXPECT_EQ(graph.nodes()[0]->op, "square");
}

TEST(adding, the_pass_removes_the_relu_of_a_square) {
  Graph graph = parsed("%x = input f32[3]\n%y = square %x\n%z = relu %y\noutput %z\n");
  simplify::simplify(graph);
  ASSERT_EQ(graph.node_count(), 1u);
  EXPECT_EQ(graph.nodes()[0]->op, "square");
}

TEST(adding, the_kernel_is_chosen_and_equals_the_reference) {
  const auto graph = std::make_shared<const Graph>(parsed("%x = input f32[127]\n%y = square %x\noutput %y\n"));
  const Tensor x = random_tensor(1, {DataType::f32, {127}});
  std::vector<std::vector<float>> results;
  for (const bool reference : {false, true}) {
    run::Runner runner =
        run::Runner::create(graph, {.thread_count = 2, .kernels = {.reference_only = reference}}).value();
    EXPECT_STREQ(runner.steps()[0].choice.kernel->name, reference ? "reference" : "square_f32_portable");
    std::copy(x.data<float>(), x.data<float>() + 127, static_cast<float*>(runner.input(0)));
    runner.run();
    const auto* y = static_cast<const float*>(runner.output(0));
    results.emplace_back(y, y + 127);
  }
  EXPECT_EQ(results[0], results[1]);
}

}  // namespace
}  // namespace espalier
