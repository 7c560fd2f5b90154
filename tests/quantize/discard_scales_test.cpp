// Back to a float graph: pairs of quantize and dequantize go, stored integers become plain reals.
#include "quantize/discard_scales.h"

#include <gtest/gtest.h>

#include "graph/text.h"
#include "graphs.h"

namespace espalier::quantize {
namespace {

TEST(discard_scales, leaves_a_float_graph) {
  Graph graph = graph_of(
      "%x = input f32[1,2]\n%q = quantize %x -> s8[1,2]{scale=0.5,zero_point=0}\n%d = dequantize %q\n"
      "%y = linear %d w=f32:s8:values(1,2)[1,2]{scale=0.5,zero_point=0} -> f32[1,1]\noutput %y\n");
  EXPECT_TRUE(has_scales(graph));
  EXPECT_EQ(discard_scales(graph), 1);
  EXPECT_FALSE(has_scales(graph));
  EXPECT_EQ(print_graph(graph, ops::op_lookup()),
            "%x = input f32[1,2]\n%y = linear %x w=values(0.5,1)[1,2] -> f32[1,1]\noutput %y\n");
}

TEST(discard_scales, what_the_user_feeds_as_integers_keeps_its_scale) {
  Graph graph = graph_of("%q = input s8[2]{scale=0.5,zero_point=0}\n%d = dequantize %q\noutput %d\n");
  EXPECT_EQ(discard_scales(graph), 0);
  EXPECT_TRUE(has_scales(graph));
}

}  // namespace
}  // namespace espalier::quantize
