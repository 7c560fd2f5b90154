// What the user sees keeps its whole range, also behind nodes that only move.
#include "quantize/leaving_values.h"

#include <gtest/gtest.h>

#include "graphs.h"

namespace espalier::quantize {
namespace {

TEST(leaving_values, outputs_and_what_is_only_moved_to_them) {
  const Graph graph = graph_of(
      "%x = input f32[1,2]\n%a = sigmoid %x\n%b = tanh %x\n%c = concat %a %b axis=1\n%d = reshape %c shape=[4]\n%e = "
      "relu %b\noutput %d\noutput %e\n");
  const auto leaving = leaving_values(graph);
  for (const char* name : {"a", "b", "c", "d", "e"}) EXPECT_TRUE(leaving.contains(value_of(graph, name))) << name;
  EXPECT_FALSE(leaving.contains(value_of(graph, "x")));
}

TEST(leaving_values, what_is_computed_with_stays_inside) {
  const Graph graph = graph_of("%x = input f32[1,2]\n%a = tanh %x\n%b = relu %a\noutput %b\n");
  EXPECT_FALSE(leaving_values(graph).contains(value_of(graph, "a")));
}

}  // namespace
}  // namespace espalier::quantize
