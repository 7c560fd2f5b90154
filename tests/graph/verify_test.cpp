// One invalid graph for every invariant, with the sentence that it gets.
#include "graph/verify.h"

#include <gtest/gtest.h>

#include <limits>

#include "graphs.h"

namespace espalier {
namespace {

std::string said(const Graph& graph) {
  const Status status = verify_graph(graph, ops::op_lookup());
  return status.ok() ? "" : status.error().message();
}

Graph two_relus() { return graph_of("%x = input f32[2]\n%y = relu %x\n%z = relu %y\noutput %z\n"); }

TEST(verify, a_valid_graph_has_nothing_to_say) { EXPECT_EQ(said(two_relus()), ""); }

TEST(verify_order, a_node_before_the_one_that_feeds_it) {
  Graph graph;
  Value* x = graph.add_value("x", {DataType::f32, {1}});
  Value* y = graph.add_value("y", {DataType::f32, {1}});
  Value* z = graph.add_value("z", {DataType::f32, {1}});
  graph.add_input(x, x->type);
  graph.add_node("relu", "second", {y}, {}, std::vector<Value*>{z});
  graph.add_node("relu", "first", {x}, {}, std::vector<Value*>{y});
  graph.add_output(z, "z", z->type);
  EXPECT_EQ(said(graph), "node \"second\" (relu): it comes before \"first\", which feeds it");
}

TEST(verify_inputs, an_operator_that_does_not_exist) {
  Graph graph = two_relus();
  graph.nodes()[0]->op = "frobnicate";
  EXPECT_EQ(said(graph), "node \"y\" (frobnicate): there is no such operator");
}

TEST(verify_inputs, too_many_and_too_few) {
  Graph graph = two_relus();
  Node* node = graph.nodes()[0];
  graph.set_inputs(node, {node->inputs[0], node->inputs[0]});
  EXPECT_EQ(said(graph), "node \"y\" (relu): it has 2 inputs, at most 1 are known");
  graph.set_inputs(node, {nullptr});
  EXPECT_EQ(said(graph), "node \"y\" (relu): its input \"x\" is missing");
}

TEST(verify_values, nothing_makes_an_input) {
  Graph graph = two_relus();
  graph.inputs().clear();
  EXPECT_EQ(said(graph), "node \"y\" (relu): nothing gives its input x a value");
}

TEST(verify_values, nothing_makes_an_output) {
  Graph graph = two_relus();
  Value* lost = graph.add_value("lost", {DataType::f32, {1}});
  graph.add_output(lost, "lost", lost->type);
  EXPECT_EQ(said(graph), "nothing gives the output \"lost\" a value");
}

TEST(verify_values, an_input_that_a_node_makes_too) {
  Graph graph = two_relus();
  graph.add_input(value_of(graph, "y"), {DataType::f32, {2}});
  EXPECT_EQ(said(graph), "input \"y\" is also made by a node");
}

TEST(verify_values, two_inputs_of_one_value) {
  Graph graph = two_relus();
  graph.add_input(value_of(graph, "x"), {DataType::f32, {2}});
  EXPECT_EQ(said(graph), "input \"x\" is the value of another input too");
}

TEST(verify_values, an_input_without_elements) {
  EXPECT_EQ(refusal("%x = input f32[2,0]\noutput %x\n"), "input \"x\" has no element: f32[2,0]");
}

TEST(verify_values, a_constant_of_another_type_than_its_data) {
  Graph graph = graph_of("%x = input f32[2]\n%y = add %x b=values(1,2)[2]\noutput %y\n");
  graph.nodes()[0]->inputs[1]->type.shape = {1, 2};
  EXPECT_EQ(said(graph), "constant y.b is f32[1,2] but its data is f32[2]");
}

TEST(verify_types, an_output_of_another_type_than_the_operator_makes) {
  EXPECT_EQ(refusal("%x = input f32[2]\n%y = relu %x -> f32[3]\noutput %y\n"),
            "node \"y\" (relu): its output y is f32[3], the operator makes f32[2]");
}

TEST(verify_types, more_outputs_than_the_operator_makes) {
  EXPECT_EQ(refusal("%x = input f32[2]\n%y,%z = relu %x -> f32[2] f32[2]\noutput %y\n"),
            "node \"y\" (relu): it has 2 outputs, the operator makes 1");
}

TEST(verify_types, a_computed_value_without_elements) {
  EXPECT_EQ(refusal("%x = input f32[4]\n%y = slice %x begin=[1] end=[1] step=[1]\noutput %y\n"),
            "line 2: the output f32[0] has no element");
}

TEST(verify_types, more_work_than_any_network_has) {
  EXPECT_EQ(refusal("%x = input f32[1,1000000,100000,1]\n%y = conv2d %x w=splat(1)[1,100,100,1]\noutput %y\n"),
            "line 2: it needs more than 281474976710656 multiply-accumulates");
}

Graph quantized() {
  return graph_of(
      "%x = input s8[1,2]{scale=0.5,zero_point=3} user=f32[1,2] permutation=[]\n%y = dequantize %x\noutput %y\n");
}

TEST(verify_quantization, scales_are_finite_and_positive) {
  for (const float scale :
       {0.0f, -1.0f, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    Graph graph = quantized();
    value_of(graph, "x")->quantization->scales[0] = scale;
    EXPECT_NE(said(graph).find("is not a positive number"), std::string::npos) << scale;
  }
}

TEST(verify_quantization, one_scale_a_tensor_or_an_index) {
  Graph graph = quantized();
  value_of(graph, "x")->quantization->scales = {1, 1};
  EXPECT_EQ(said(graph), "value x: 2 scales, 1 are needed");
  value_of(graph, "x")->quantization->axis = 2;
  EXPECT_EQ(said(graph), "value x: quantization axis 2 is outside of 2 dimensions");
}

TEST(verify_quantization, zero_points_fit_the_type) {
  Graph graph = quantized();
  value_of(graph, "x")->quantization->zero_point = 128;
  EXPECT_EQ(said(graph), "value x: zero point 128 does not fit s8");
}

TEST(verify_quantization, only_integers_carry_scales) {
  Graph graph = quantized();
  value_of(graph, "y")->quantization = Quantization{.scales = {1.0f}};
  EXPECT_EQ(said(graph), "value y: f32 carries a scale, only s8 and s32 may");
}

constexpr const char* kIntegers = "%x = input s8[1,2]{scale=0.5,zero_point=3} user=f32[1,2] permutation=[]\n";

TEST(verify_scales, integers_that_are_computed_with_have_them) {
  EXPECT_EQ(refusal("%x = input s8[2]\n%y = dequantize %x\noutput %y\n"),
            "node \"y\" (dequantize): value x is s8[2] and needs one scale");
  EXPECT_EQ(refusal(std::string(kIntegers) + "%y = add %x %x -> s8[1,2]\noutput %y\n"),
            "node \"y\" (add): value y is s8[1,2] and needs one scale");
  EXPECT_EQ(refusal(std::string(kIntegers) + "%y = linear %x w=s8:splat(1)[3,2] -> s8[1,3]{scale=1.0,zero_point=0}\n"
                                             "output %y\n"),
            "node \"y\" (linear): the weights s8[3,2] need one scale, or one per output channel");
}

TEST(verify_scales, elements_that_only_move_keep_theirs) {
  EXPECT_EQ(
      refusal(std::string(kIntegers) + "%y = reshape %x shape=[2] -> s8[2]{scale=0.25,zero_point=3}\noutput %y\n"),
      "node \"y\" (reshape): its output must have the scale and zero point of its input");
}

TEST(verify_scales, multipliers_are_finite) {
  EXPECT_EQ(refusal("%x = input s8[1,2]{scale=1e30,zero_point=3} user=f32[1,2] permutation=[]\n"
                    "%y = mul %x %x -> s8[1,2]{scale=1.0,zero_point=0}\noutput %y\n"),
            "node \"y\" (mul): its scales multiply to inf, which is not finite");
}

TEST(verify_scales, no_product_sum_leaves_32_bits) {
  const std::string weights = " w=s8:splat(127)[1,2]{scale=1.0,zero_point=0}";
  const std::string output = " -> s8[1,1]{scale=1.0,zero_point=0}\noutput %y user=f32[1,1] permutation=[]\n";
  EXPECT_EQ(refusal(kIntegers + ("%y = linear %x" + weights) + " bias=s32:values(2147418877)[1]" + output), "");
  EXPECT_EQ(refusal(kIntegers + ("%y = linear %x" + weights) + " bias=s32:values(2147418878)[1]" + output),
            "node \"y\" (linear): the sum of output channel 0 could reach 2147483648, and 32 bits end at 2147483648");
}

TEST(verify_ports, there_is_an_output) {
  Graph graph = two_relus();
  graph.outputs().clear();
  EXPECT_EQ(said(graph), "the graph has no output");
}

TEST(verify_ports, the_users_shape_is_the_values_under_the_permutation) {
  EXPECT_EQ(refusal("%x = input f32[2,3] user=f32[3,2] permutation=[]\noutput %x\n"),
            "port \"x\": the user's shape 3x2 is not the value's 2x3");
  EXPECT_EQ(refusal("%x = input f32[2,3] user=f32[2,3] permutation=[1,0]\noutput %x\n"),
            "port \"x\": the user's shape 2x3 does not permute to the value's 2x3");
  EXPECT_EQ(refusal("%x = input f32[2,3] user=f32[2,3] permutation=[1,1]\noutput %x\n"),
            "port \"x\": its permutation is none");
  EXPECT_EQ(refusal("%x = input f32[2,3] user=f32[2,3] permutation=[0]\noutput %x\n"),
            "port \"x\": a permutation of 1 dimensions on a value of 2");
}

TEST(verify_ports, integers_of_quantization_may_meet_the_user_as_reals) {
  EXPECT_EQ(refusal("%x = input s8[2]{scale=1.0,zero_point=0}\n%y = dequantize %x\noutput %y\n"), "");
  EXPECT_EQ(
      refusal("%x = input s8[2]{scale=1.0,zero_point=0} user=f32[2] permutation=[]\n%y = dequantize %x\noutput %y\n"),
      "");
  EXPECT_EQ(
      refusal("%x = input s8[2]{scale=1.0,zero_point=0} user=s32[2] permutation=[]\n%y = dequantize %x\noutput %y\n"),
      "port \"x\": the user's type is s32, the value is s8, which f32 and u8 may stand for");
  EXPECT_EQ(refusal("%x = input f32[2] user=s32[2] permutation=[]\noutput %x\n"),
            "port \"x\": the user's type is s32, the value is f32");
}

TEST(verify_ports, names_differ) {
  EXPECT_EQ(refusal("%x = input f32[2] @\"a\"\n%y = input f32[2] @\"a\"\n%z = add %x %y\noutput %z\n"),
            "two ports have the name \"a\"");
}

}  // namespace
}  // namespace espalier
