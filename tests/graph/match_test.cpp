// The pattern matcher: names that occur twice, commutative operators, readers outside of the pattern.
#include "graph/match.h"

#include <gtest/gtest.h>

#include "graphs.h"

namespace espalier {
namespace {

const Pattern kSilu = either_order("mul", any("x"), op("sigmoid", {any("x")}));

bool matches(const Pattern& pattern, const std::string& text) {
  const Graph graph = graph_of(text);
  Match match(graph);
  return pattern.matches(graph.outputs()[0].value, match);
}

TEST(match, a_name_that_occurs_twice_is_one_value) {
  EXPECT_TRUE(matches(kSilu, "%x = input f32[1]\n%s = sigmoid %x\n%y = mul %x %s\noutput %y\n"));
  EXPECT_FALSE(matches(kSilu, "%x = input f32[1]\n%z = input f32[1]\n%s = sigmoid %z\n%y = mul %x %s\noutput %y\n"));
}

TEST(match, commutative_operators_match_in_either_order) {
  EXPECT_TRUE(matches(kSilu, "%x = input f32[1]\n%s = sigmoid %x\n%y = mul %s %x\noutput %y\n"));
  const Pattern difference = op("sub", {any("a"), op("relu", {any("b")})});
  EXPECT_TRUE(matches(difference, "%x = input f32[1]\n%r = relu %x\n%y = sub %x %r\noutput %y\n"));
  EXPECT_FALSE(matches(difference, "%x = input f32[1]\n%r = relu %x\n%y = sub %r %x\noutput %y\n"));
}

TEST(match, inner_values_have_no_other_reader) {
  EXPECT_FALSE(
      matches(kSilu, "%x = input f32[1]\n%s = sigmoid %x\n%y = mul %x %s\n%o = relu %s\noutput %y\noutput %o\n"));
  EXPECT_FALSE(matches(kSilu, "%x = input f32[1]\n%s = sigmoid %x\n%y = mul %x %s\noutput %y\noutput %s\n"));
}

TEST(match, the_root_may_have_any_readers) {
  EXPECT_TRUE(
      matches(kSilu, "%x = input f32[1]\n%s = sigmoid %x\n%y = mul %x %s\n%o = relu %y\noutput %y\noutput %o\n"));
}

TEST(match, constants_and_scalars) {
  const Graph graph =
      graph_of("%x = input f32[2]\n%a = add %x b=values(3)[1]\n%y = mul %a b=values(1,2)[2]\noutput %y\n");
  Match match(graph);
  EXPECT_TRUE(
      op("mul", {op("add", {any("x"), constant("three")}), constant("pair")}).matches(value_of(graph, "y"), match));
  EXPECT_EQ(match["x"], value_of(graph, "x"));
  EXPECT_EQ(scalar_of(match["three"]), 3.0f);
  EXPECT_EQ(scalar_of(match["pair"]), std::nullopt);
  EXPECT_EQ(scalar_of(nullptr), std::nullopt);
}

TEST(match, a_failed_branch_leaves_no_names) {
  // The first order binds x to the sigmoid before it fails.
  const Graph graph = graph_of("%x = input f32[1]\n%s = sigmoid %x\n%y = mul %s %x\noutput %y\n");
  Match match(graph);
  ASSERT_TRUE(kSilu.matches(graph.outputs()[0].value, match));
  EXPECT_EQ(match["x"], value_of(graph, "x"));
}

}  // namespace
}  // namespace espalier
