// Bookkeeping of the graph: names, readers, removal, order, copies.
#include "graph/graph.h"

#include <gtest/gtest.h>

#include "graphs.h"

namespace espalier {
namespace {

TEST(graph, taken_names_get_a_suffix) {
  Graph graph;
  EXPECT_EQ(graph.add_value("a", {})->name, "a");
  EXPECT_EQ(graph.add_value("a_1", {})->name, "a_1");
  EXPECT_EQ(graph.add_value("a", {})->name, "a_1_1");
  EXPECT_EQ(graph.add_value("a", {})->name, "a_2");
}

TEST(graph, readers_count_every_place) {
  const Graph graph = graph_of("%x = input f32[1]\n%y = add %x %x\noutput %y\n");
  EXPECT_EQ(value_of(graph, "x")->readers.size(), 2u);
  EXPECT_TRUE(graph.is_output(value_of(graph, "y")));
  EXPECT_FALSE(graph.is_output(value_of(graph, "x")));
}

TEST(graph, replacing_a_node_takes_what_only_it_needed) {
  Graph graph = graph_of("%x = input f32[1]\n%a = relu %x\n%b = tanh %a\n%c = relu %b\noutput %c\n");
  graph.replace(value_of(graph, "c")->producer, value_of(graph, "x"));
  EXPECT_EQ(graph.node_count(), 0u);
  EXPECT_EQ(graph.outputs()[0].value, value_of(graph, "x"));
  ASSERT_TRUE(graph.sort().ok());
  EXPECT_EQ(graph.values().size(), 1u);
}

TEST(graph, a_removed_node_stays_visible_to_a_loop_over_a_snapshot) {
  Graph graph = graph_of("%x = input f32[1]\n%a = relu %x\n%b = relu %a\noutput %b\n");
  const std::vector<Node*> nodes = graph.nodes();
  graph.replace(nodes[1], value_of(graph, "x"));
  EXPECT_EQ(nodes[0]->op, "");
  EXPECT_EQ(nodes[1]->op, "");
}

TEST(graph, sort_moves_a_late_node_before_its_reader) {
  Graph graph = graph_of("%x = input f32[1]\n%a = relu %x\n%b = relu %a\noutput %b\n");
  Value* late = graph.add_node("tanh", "late", {value_of(graph, "x")}, {}, TensorType{DataType::f32, {1}});
  graph.set_input(value_of(graph, "b")->producer, 0, late);
  ASSERT_TRUE(graph.sort().ok());
  EXPECT_TRUE(verify_order(graph).ok());
  EXPECT_EQ(graph.nodes()[1]->name, "late");
}

TEST(graph, sort_names_the_nodes_of_a_cycle) {
  Graph graph = graph_of("%x = input f32[1]\n%a = relu %x\n%b = relu %a\noutput %b\n");
  graph.set_input(value_of(graph, "a")->producer, 0, value_of(graph, "b"));
  const Status sorted = graph.sort();
  ASSERT_FALSE(sorted.ok());
  EXPECT_EQ(sorted.error().message(), "node \"b\" (relu) and node \"a\" (relu) feed each other: the graph has a cycle");
}

TEST(graph, a_clone_is_apart_and_shares_constants) {
  Graph graph = graph_of("%x = input f32[2]\n%a = add %x b=values(1,2)[2]\noutput %a\n");
  const std::string before = text_of(graph);
  Graph copy = graph.clone();
  EXPECT_EQ(text_of(copy), before);
  EXPECT_EQ(copy.nodes()[0]->inputs[1]->constant.bytes(), graph.nodes()[0]->inputs[1]->constant.bytes());
  copy.replace(copy.nodes()[0], value_of(copy, "x"));
  EXPECT_EQ(text_of(graph), before);
}

}  // namespace
}  // namespace espalier
