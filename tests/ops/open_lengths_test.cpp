// Where an open length goes, and which nodes would compute with its empty places.
#include "ops/open_lengths.h"

#include <gtest/gtest.h>

#include "graphs.h"

namespace espalier::ops {
namespace {

// "source:dimension" of the last node's output, "none", or the error.
std::string length_behind(const std::string& nodes) {
  const Graph graph =
      graph_of("%m = input f32[2,3]\n%t = input f32[5,6,7]\n%f = non_zero %m\n" + nodes + "output %z\n");
  const auto length = OpenLengths().of(value_of(graph, "z"));
  if (!length.ok()) return length.error().message();
  return *length ? fmt::format("{}:{}", (*length)->source->name, (*length)->dimension) : "none";
}

TEST(open_lengths, the_finding_node_opens_its_own) {
  EXPECT_EQ(length_behind("%z = neg %m\n"), "none");
  EXPECT_EQ(length_behind("%z = cast %f to=\"f32\"\n"), "f:1");
}

TEST(open_lengths, moves_and_elementwise_nodes_hand_it_on) {
  EXPECT_EQ(length_behind("%z = transpose %f permutation=[1,0]\n"), "f:0");
  EXPECT_EQ(length_behind("%z = reshape %f shape=[2,1,6]\n"), "f:2");
  EXPECT_EQ(length_behind("%z = slice %f begin=[1,0] end=[2,6] step=[1,1]\n"), "f:1");
  EXPECT_EQ(length_behind("%z = add %f b=s64:values(1,2)[2,1]\n"), "f:1");
  EXPECT_EQ(length_behind("%z = add %f %f\n"), "f:1");
  EXPECT_EQ(length_behind("%z = concat %f %f axis=0\n"), "f:1");
}

TEST(open_lengths, so_does_what_indexes_with_it) {
  EXPECT_EQ(
      length_behind(
          "%r = slice %f begin=[0,0] end=[1,6] step=[1,1]\n%i = reshape %r shape=[6]\n%z = gather %t %i axis=1\n"),
      "f:1");
  EXPECT_EQ(length_behind("%i = transpose %f permutation=[1,0]\n%z = gather_nd %m %i batch_dims=0\n"), "f:0");
  EXPECT_EQ(length_behind("%i = transpose %f permutation=[1,0]\n%z = gather %i indices=s64:values(1)[1] axis=1\n"),
            "f:0");
}

TEST(open_lengths, what_would_count_empty_places_is_refused) {
  for (const char* nodes :
       {"%z = slice %f begin=[0,1] end=[2,6] step=[1,1]\n", "%z = slice %f begin=[0,0] end=[2,5] step=[1,1]\n",
        "%z = reshape %f shape=[12]\n", "%z = concat %f %f axis=1\n",
        "%z = gather %f indices=s64:values(1)[1] axis=1\n", "%r = cast %f to=\"f32\"\n%z = reduce_sum %r axes=[1]\n",
        "%r = cast %f to=\"f32\"\n%w = transpose %m permutation=[1,0]\n%z = matmul %w %r\n",
        "%z = add %f b=s64:values(1,2,3,4,5,6)[6]\n",
        "%g = non_zero %t\n%r = slice %g begin=[0,0] end=[2,6] step=[1,1]\n%z = add %f %r\n"})
    EXPECT_NE(length_behind(nodes).find("would count"), std::string::npos) << nodes << length_behind(nodes);
}

TEST(open_lengths, one_place_among_extents_of_one_is_refused) {
  const Graph graph = graph_of("%m = input f32[1]\n%f = non_zero %m\n%z = reshape %f shape=[1,1,1]\noutput %z\n");
  EXPECT_FALSE(OpenLengths().of(value_of(graph, "z")).ok());
}

TEST(open_lengths, the_first_empty_place_ends_the_count) {
  const Graph graph = graph_of("%m = input f32[2,3]\n%f = non_zero %m\noutput %f\n");
  const int64_t data[] = {0, 0, 1, -1, -1, -1, 0, 2, 1, -1, -1, -1};
  EXPECT_EQ(filled_count(*value_of(graph, "f"), data), 3);
  const int64_t full[] = {0, 0, 0, 1, 1, 1, 0, 1, 2, 0, 1, 2};
  EXPECT_EQ(filled_count(*value_of(graph, "f"), full), 6);
}

}  // namespace
}  // namespace espalier::ops
