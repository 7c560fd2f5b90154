// Who takes the range of a concat, and who keeps its own.
#include "quantize/share_ranges.h"

#include <gtest/gtest.h>

#include "graphs.h"
#include "quantize/choose_integers.h"

namespace espalier::quantize {
namespace {

// The name of the value whose range `name` takes; its own name where it keeps its own.
std::string range_of(const std::string& text, const std::string& name) {
  const Graph graph = graph_of(text);
  const auto shared = share_ranges(graph, choose_integers(graph));
  const auto found = shared.find(value_of(graph, name));
  return found == shared.end() ? name : found->second->name;
}

// Ends in a product, so that the concat is integer.
const std::string kEnd = "%z = conv2d %j w=random(1)[2,1,1,4]\noutput %z\n";

TEST(share_ranges, what_only_a_concat_reads_takes_its_range) {
  const std::string text = "%x = input f32[1,4,4,2]\n%a = sigmoid %x\n%b = tanh %x\n%j = concat %a %b axis=3\n" + kEnd;
  EXPECT_EQ(range_of(text, "a"), "j");
  EXPECT_EQ(range_of(text, "b"), "j");
  EXPECT_EQ(range_of(text, "x"), "x");
  EXPECT_EQ(range_of(text, "j"), "j");
}

TEST(share_ranges, what_something_else_reads_keeps_its_own) {
  const std::string text = "%x = input f32[1,4,4,2]\n%a = sigmoid %x\n%b = tanh %a\n%j = concat %a %b axis=3\n" + kEnd;
  EXPECT_EQ(range_of(text, "a"), "a");
  EXPECT_EQ(range_of(text, "b"), "j");
}

TEST(share_ranges, ranges_go_up_through_nodes_that_keep_the_scale) {
  // Spatial pyramid pooling: the value itself and its pool are joined.
  const std::string pools =
      "%x = input f32[1,4,4,2]\n%a = sigmoid %x\n%b = max_pool %a kernel=[3,3] padding=[1,1,1,1]\n%j = concat %a %b "
      "axis=3\n";
  EXPECT_EQ(range_of(pools + kEnd, "a"), "j");
  const std::string chain =
      "%x = input f32[1,4,4,1]\n%a = sigmoid %x\n%b = tanh %x\n%i = concat %a %b axis=3\n%c = tanh %x\n%d = sigmoid "
      "%x\n%j = concat %i %c %d axis=3\n";
  EXPECT_EQ(range_of(chain + kEnd, "a"), "j");
  EXPECT_EQ(range_of(chain + kEnd, "i"), "j");
}

TEST(share_ranges, a_linear_resize_computes_at_its_own_scale) {
  for (const std::string mode : {"linear", "nearest"}) {
    const std::string text =
        "%x = input f32[1,4,4,2]\n%a = sigmoid %x\n%b = resize %a size=[8,8] scales=[2.0,2.0] mode=\"" + mode +
        "\" coordinates=\"half_pixel\"\n%y = input f32[1,8,8,2]\n%c = tanh %y\n%j = concat %b %c axis=3\n";
    EXPECT_EQ(range_of(text + kEnd, "a"), mode == "linear" ? "a" : "j");
    EXPECT_EQ(range_of(text + kEnd, "b"), "j");
  }
}

TEST(share_ranges, a_concat_in_reals_shares_nothing) {
  const std::string text =
      "%x = input f32[1,4,4,2]\n%a = sigmoid %x\n%b = tanh %x\n%j = concat %a %b axis=3\noutput %j\n";
  EXPECT_EQ(range_of(text, "a"), "a");
}

}  // namespace
}  // namespace espalier::quantize
