// The pass runner: order, rounds, disabling, dumps.
#include "graph/pass.h"

#include <gtest/gtest.h>

#include <array>

#include "graphs.h"

namespace espalier {
namespace {

// Each takes one relu away, so that several rounds are needed.
int drop_one_relu(Graph& graph) {
  for (Node* node : graph.nodes())
    if (node->op == "relu") {
      graph.replace(node, node->inputs[0]);
      return 1;
    }
  return 0;
}

int nothing(Graph&) { return 0; }
int always(Graph&) { return 1; }

constexpr const char* kText = "%x = input f32[1]\n%a = relu %x\n%b = relu %a\n%c = tanh %b\noutput %c\n";

TEST(pass, runs_in_order_until_a_round_changes_nothing) {
  Graph graph = graph_of(kText);
  const std::array<Pass, 2> passes = {Pass{"nothing", nothing, ""}, Pass{"drop_one_relu", drop_one_relu, ""}};
  const std::vector<PassResult> results = run_passes(graph, passes, ops::op_lookup());
  ASSERT_EQ(results.size(), 6u);  // two rounds that change something, one that does not
  EXPECT_EQ(results[0].name, "nothing");
  EXPECT_EQ(results[1].rewrite_count, 1);
  EXPECT_EQ(results[3].rewrite_count, 1);
  EXPECT_EQ(results[5].rewrite_count, 0);
  EXPECT_EQ(graph.node_count(), 1u);
}

TEST(pass, a_disabled_pass_is_left_out) {
  Graph graph = graph_of(kText);
  const std::array<Pass, 1> passes = {Pass{"drop_one_relu", drop_one_relu, ""}};
  EXPECT_TRUE(run_passes(graph, passes, ops::op_lookup(), {.disabled = {"drop_one_relu"}, .dump = {}}).empty());
  EXPECT_EQ(graph.node_count(), 3u);
}

TEST(pass, dumps_after_each_change) {
  Graph graph = graph_of(kText);
  const std::array<Pass, 2> passes = {Pass{"nothing", nothing, ""}, Pass{"drop_one_relu", drop_one_relu, ""}};
  std::vector<std::string> dumped;
  run_passes(graph, passes, ops::op_lookup(),
             {.disabled = {}, .dump = [&](const std::string& name, const Graph&) { dumped.push_back(name); }});
  EXPECT_EQ(dumped, (std::vector<std::string>{"drop_one_relu", "drop_one_relu"}));
}

TEST(pass, rounds_are_bounded) {
  Graph graph = graph_of(kText);
  const std::array<Pass, 1> passes = {Pass{"always", always, ""}};
  EXPECT_EQ(run_passes(graph, passes, ops::op_lookup(), {}, 3).size(), 3u);
}

int breaks_the_graph(Graph& graph) {
  graph.nodes()[0]->op = "frobnicate";
  return 1;
}

TEST(pass_death, a_pass_that_breaks_an_invariant_is_named) {
  Graph graph = graph_of(kText);
  const std::array<Pass, 1> passes = {Pass{"breaks_the_graph", breaks_the_graph, ""}};
  EXPECT_DEATH(run_passes(graph, passes, ops::op_lookup()), "after breaks_the_graph: node \"a\" .frobnicate.");
}

}  // namespace
}  // namespace espalier
