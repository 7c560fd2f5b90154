// Reals that are stored as integers: their values, their text, and what the verifier says about them.
#include "graph/stored_constant.h"

#include <gtest/gtest.h>

#include "graph/text.h"
#include "graphs.h"

namespace espalier {
namespace {

TEST(stored_constant, scales_follow_their_axis) {
  Tensor integers(DataType::s8, {2, 2});
  const int8_t values[] = {1, 2, -128, 127};
  std::copy(values, values + 4, integers.mutable_data<int8_t>());
  const Tensor rows = dequantized(integers, {.scales = {0.5f, 2.0f}, .zero_point = 1, .axis = 0});
  EXPECT_EQ(std::vector<float>(rows.data<float>(), rows.data<float>() + 4), (std::vector<float>{0, 0.5f, -258, 252}));
  const Tensor columns = dequantized(integers, {.scales = {0.5f, 2.0f}, .zero_point = 0, .axis = 1});
  EXPECT_EQ(std::vector<float>(columns.data<float>(), columns.data<float>() + 4),
            (std::vector<float>{0.5f, 4, -64, 254}));
}

constexpr const char* kText =
    "%x = input f32[1,2]\n%y = linear %x w=f32:s8:values(1,2)[1,2]{scale=0.5,zero_point=0} "
    "bias=f32:s32:values(1073741747)[1]{scale=0.25,zero_point=0} -> f32[1,1]\noutput %y\n";

TEST(stored_constant, text_reads_back_with_the_integers) {
  const Graph graph = graph_of(kText);
  EXPECT_EQ(print_graph(graph, ops::op_lookup()), kText);
  const Node& node = *graph.nodes()[0];
  EXPECT_EQ(node.inputs[1]->constant.data<float>()[1], 1.0f);
  EXPECT_EQ(node.inputs[2]->integers.data<int32_t>()[0], 1073741747);
}

TEST(stored_constant, the_text_names_what_is_wrong) {
  const auto error_of = [](const std::string& constant) {
    const Result<Graph> graph =
        parse_graph("%x = input f32[1]\n%y = add %x b=" + constant + "\noutput %y\n", ops::op_lookup());
    return graph.ok() ? "" : graph.error().message();
  };
  EXPECT_NE(error_of("f32:s8:values(1)[1]").find("stored integers need {scale"), std::string::npos);
  EXPECT_NE(error_of("f32:s16:values(1)[1]{scale=1.0,zero_point=0}").find("stored as s8 or s32"), std::string::npos);
}

TEST(stored_constant, the_verifier_wants_the_same_shape_and_a_scale) {
  Graph graph = graph_of(kText);
  Value* weights = graph.nodes()[0]->inputs[1];
  weights->integers = Tensor(DataType::s8, {2, 1});
  EXPECT_NE(verify_graph(graph, ops::op_lookup()).error().message().find("stored as integers"), std::string::npos);
  weights->integers = Tensor(DataType::s8, {1, 2});
  EXPECT_TRUE(verify_graph(graph, ops::op_lookup()).ok());
  weights->quantization->zero_point = 128;
  EXPECT_NE(verify_graph(graph, ops::op_lookup()).error().message().find("zero point 128"), std::string::npos);
  weights->quantization.reset();
  EXPECT_FALSE(verify_graph(graph, ops::op_lookup()).ok());
}

}  // namespace
}  // namespace espalier
