// Graphs as text: what is printed reads back to the same graph, and what cannot be read is refused with its line.
#include "graph/text.h"

#include <gtest/gtest.h>

#include <map>

#include "graphs.h"

namespace espalier {
namespace {

constexpr const char* kNetwork =
    "%x = input f32[1,8,8,3] user=f32[1,3,8,8] permutation=[0,2,3,1] @\"image\"\n"
    "%y = conv2d %x w=splat(0.5)[4,3,3,3] bias=values(0,0.5,1,2)[4] activation=\"clip\" clip_max=6.0 clip_min=0.0 "
    "padding=[1,1,1,1] -> f32[1,8,8,4] @\"block/conv1\"\n"
    "%z = quantize %y -> s8[1,8,8,4]{scale=0.05,zero_point=-128}\n"
    "output %z user=f32[1,8,8,4] permutation=[] @\"out put\"\n";

TEST(text, prints_what_it_has_read) { EXPECT_EQ(text_of(graph_of(kNetwork)), kNetwork); }

TEST(text, types_are_inferred_where_none_is_written) {
  EXPECT_EQ(text_of(graph_of("%x = input f32[2,3]\n%y = relu %x\noutput %y\n")),
            "%x = input f32[2,3]\n%y = relu %x -> f32[2,3]\noutput %y\n");
}

TEST(text, comments_and_empty_lines_are_nothing) {
  EXPECT_EQ(text_of(graph_of("# a network\n\n  %x = input f32[1]  # its input\n\toutput %x")),
            "%x = input f32[1]\noutput %x\n");
}

TEST(text, large_constants_are_found_by_their_hash) {
  const Graph graph = graph_of("%x = input f32[1,17]\n%y = add %x b=random(3)[17]\noutput %y\n");
  const std::string text = text_of(graph);
  EXPECT_NE(text.find("b=file@"), std::string::npos) << text;
  EXPECT_FALSE(parse_graph(text, ops::op_lookup()).ok());
  const Tensor data = graph.nodes()[0]->inputs[1]->constant;
  const Result<Graph> again = parse_graph(
      text, ops::op_lookup(), [&](const std::string& hash) { return hash == constant_hash(data) ? data : Tensor(); });
  ASSERT_TRUE(again.ok()) << again.error().message();
  EXPECT_EQ(text_of(*again), text);
}

TEST(text, random_constants_depend_on_the_seed_alone) {
  const Tensor a = random_tensor(7, {DataType::f32, {100}});
  const Tensor b = random_tensor(7, {DataType::f32, {100}});
  const Tensor c = random_tensor(8, {DataType::f32, {100}});
  EXPECT_EQ(constant_hash(a), constant_hash(b));
  EXPECT_NE(constant_hash(a), constant_hash(c));
  for (int64_t i = 0; i < 100; ++i) {
    EXPECT_GE(a.data<float>()[i], -1);
    EXPECT_LT(a.data<float>()[i], 1);
  }
}

TEST(text, every_kind_of_number_reads_back) {
  for (const char* constant :
       {"values(0,-0,1.5,inf,-inf,nan)[6]", "s8:values(-128,127)[2]", "u8:values(0,255)[2]", "s16:values(-32768)[1]",
        "s32:values(-2147483648,2147483647)[2]", "s64:values(9007199254740992)[1]", "bool:values(0,1)[2]",
        "f16:values(0.5,65504)[2]", "values(3)[]", "values()[0]", "splat(0.1)[3,2]"}) {
    const std::string text = std::string("output ") + constant + "\n";
    EXPECT_EQ(text_of(graph_of(text)), text);
  }
}

TEST(text, quantization_by_axis_reads_back) {
  const std::string text =
      "output s8:splat(3)[2,4]{scale=[0.5,1.0],axis=0,zero_point=0} user=f32[2,4] permutation=[]\n";
  EXPECT_EQ(text_of(graph_of(text)), text);
}

TEST(text, names_that_are_no_words_are_quoted) {
  const std::string text = "%\"a \\\"b\\\" \\\\\" = input f32[1]\noutput %\"a \\\"b\\\" \\\\\"\n";
  EXPECT_EQ(text_of(graph_of(text)), text);
}

TEST(text, errors_name_the_line_and_what_is_wrong) {
  const std::map<std::string, std::string> refused = {
      {"%x = input f32[1]\n%y = frobnicate %x\noutput %y", "line 2: there is no operator \"frobnicate\""},
      {"output %x", "line 1: %x is read before it is defined"},
      {"%x = input f32[1]\n%x = relu %x", "line 2: %x is defined twice"},
      {"%x = input f32[1]", "the graph has no output line"},
      {"%x = input f33[1]", "line 1: \"f33\" is no type; types are s8 u8 s16 s32 s64 f16 f32 bool"},
      {"%x = input f32[-1]", "line 1: shape -1 is too large"},
      {"%x = input f32[1048576,1048577]", "line 1: shape 1048576x1048577 is too large"},
      {"output s8:values(128)[1]", "line 1: 128 does not fit in s8"},
      {"output values(1,2)[3]", "line 1: 2 numbers are given, 3 are needed"},
      {"output splat(1)[100000000]",
       "line 1: constant shape 100000000 is too large; all constants together may have 33554432 elements"},
      {"output garbage(1)[1]", "line 1: \"garbage\" is no constant; write values, splat, random or file@"},
      {"output file@0123[1]", "line 1: the data of file@0123 is not at hand"},
      {"%x = input f32[1]\n%y = relu %x alpha=1.0\noutput %y", "line 2: relu has no attribute \"alpha\""},
      {"%x = input f32[1]\n%y = leaky_relu %x alpha=1\noutput %y",
       "line 2: attribute \"alpha\" must be a real number, such as 1.0"},
      {"%x = input f32[1]\n%y = leaky_relu %x alpha=1.0 alpha=2.0\noutput %y", "line 2: alpha is given twice"},
      {"%x = input f32[1]\n%y = softmax %y\noutput %y", "line 2: %y reads itself"},
      {"%x = input s8[2]{scale=[1.0],axis=0,zero_point=0}", "line 1: 1 scales are given, 2 are needed"},
      {"%x = input f32[1] @\"open", "line 1: \"\"\" is expected at \"\""},
  };
  for (const auto& [text, sentence] : refused) {
    const std::string said = refusal(text);
    EXPECT_EQ(said, sentence) << text;
  }
}

TEST(text, many_constants_share_one_bound) {
  std::string text;
  for (int i = 0; i < 5; ++i) text += "output splat(1)[8388608]\n";
  EXPECT_NE(refusal(text).find("line 5: constant shape 8388608 is too large"), std::string::npos);
}

}  // namespace
}  // namespace espalier
