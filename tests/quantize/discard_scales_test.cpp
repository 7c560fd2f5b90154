// Back to a float graph: pairs of quantize and dequantize go, stored integers become plain reals.
#include "quantize/discard_scales.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "graph/text.h"
#include "graphs.h"

namespace espalier::quantize {
namespace {

TEST(discard_scales, leaves_a_float_graph) {
  Graph graph = graph_of(
      "%x = input f32[1,2]\n%q = quantize %x -> s8[1,2]{scale=0.5,zero_point=0}\n%d = dequantize %q\n"
      "%y = linear %d w=f32:s8:values(1,2)[1,2]{scale=0.5,zero_point=0} -> f32[1,1]\noutput %y\n");
  EXPECT_TRUE(has_scales(graph));
  EXPECT_EQ(discard_scales(graph).pair_count, 1);
  EXPECT_FALSE(has_scales(graph));
  EXPECT_EQ(print_graph(graph, ops::op_lookup()),
            "%x = input f32[1,2]\n%y = linear %x w=values(0.5,1)[1,2] -> f32[1,1]\noutput %y\n");
}

TEST(discard_scales, what_the_user_feeds_as_integers_keeps_its_scale) {
  Graph graph = graph_of("%q = input s8[2]{scale=0.5,zero_point=0}\n%d = dequantize %q\noutput %d\n");
  EXPECT_EQ(discard_scales(graph).pair_count, 0);
  EXPECT_TRUE(has_scales(graph));
}

// The graph without scales, of nodes between an input and a pair of quantize and dequantize.
std::string discarded(const std::string& nodes, const std::string& quantization) {
  Graph graph = graph_of("%x = input f32[1,2]\n" + nodes + "%q = quantize %y -> s8[1,2]{" + quantization +
                         "}\n%d = dequantize %q\n%z = tanh %d\noutput %z\n");
  discard_scales(graph);
  const std::string text = print_graph(graph, ops::op_lookup());
  const size_t end = text.find("%z = tanh %");
  const std::string read = text.substr(end + 11, text.find(' ', end + 11) - end - 11);
  const Node* node = value_of(graph, read)->producer;
  if (node == nullptr || node->op != "clip") return "none";
  return fmt::format("{} to {}", node->real("clip_min", -99), node->real("clip_max", 99));
}

TEST(discard_scales, the_range_of_a_sum_may_stand_for_an_activation) {
  const std::string product = "%y = linear %x w=random(1)[2,2]\n";
  EXPECT_EQ(discarded(product, "scale=0.5,zero_point=-128"), "0 to 127.5");
  EXPECT_EQ(discarded(product, "scale=0.5,zero_point=0"), "-64 to 63.5");
  EXPECT_EQ(
      discarded("%p = linear %x w=random(1)[2,2]\n%y = transpose %p permutation=[0,1]\n", "scale=0.5,zero_point=-128"),
      "0 to 127.5");
  EXPECT_EQ(discarded("%y = add %x %x\n", "scale=0.5,zero_point=0"), "-64 to 63.5");
}

TEST(discard_scales, what_is_inside_of_the_range_anyway_needs_no_clip) {
  EXPECT_EQ(discarded("%p = linear %x w=random(1)[2,2]\n%y = relu %p\n", "scale=0.5,zero_point=-128"), "0 to 127.5");
  EXPECT_EQ(discarded("%y = sigmoid %x\n", "scale=0.5,zero_point=-128"), "none");
  // The variance of a layer norm that is spelled out.
  EXPECT_EQ(discarded("%p = mul %x %x\n%y = add %p b=values(0.1)[1]\n", "scale=0.5,zero_point=-128"), "none");
  EXPECT_EQ(discarded("%y = tanh %x\n", "scale=0.5,zero_point=0"), "none");
  // The operator goes below a zero at which the range begins.
  EXPECT_EQ(discarded("%y = tanh %x\n", "scale=0.5,zero_point=-128"), "0 to 127.5");
}

}  // namespace
}  // namespace espalier::quantize
