// Which nodes become integer, and the sentence of those that do not.
#include "quantize/choose_integers.h"

#include <gtest/gtest.h>

#include "graphs.h"

namespace espalier::quantize {
namespace {

std::string reason_of(const std::string& text, const std::string& output) {
  const Graph graph = graph_of(text);
  return choose_integers(graph).at(value_of(graph, output)->producer).sentence();
}

TEST(choose_integers, products_with_constant_weights_do) {
  EXPECT_EQ(reason_of("%x = input f32[1,2]\n%y = linear %x w=splat(1)[3,2]\noutput %y\n", "y"), "");
  EXPECT_EQ(reason_of("%x = input f32[1,2]\n%w = input f32[3,2]\n%y = linear %x %w\noutput %y\n", "y"),
            "its weights are computed while it runs");
}

TEST(choose_integers, operators_without_an_integer_meaning_stay) {
  EXPECT_EQ(reason_of("%x = input f32[1,2]\n%y = pow %x b=values(3)[1]\noutput %y\n", "y"),
            "pow has no integer meaning");
  EXPECT_EQ(reason_of("%x = input s64[2]\n%y = add %x %x\noutput %y\n", "y"), "it works on s64, not on reals");
}

TEST(choose_integers, a_concat_on_the_way_to_an_output_stays) {
  const char* text =
      "%x = input f32[1,2]\n%a = sigmoid %x\n%b = tanh %x\n%c = concat %a %b axis=1\n%d = reshape %c shape=[4]\noutput "
      "%d\n";
  EXPECT_EQ(reason_of(text, "a"), "");
  EXPECT_NE(reason_of(text, "c").find("in reals each keeps its own"), std::string::npos);
  EXPECT_NE(reason_of(text, "d"), "");
}

}  // namespace
}  // namespace espalier::quantize
