// The whole stage: types and scales of the integer graph, tables, what stays float and why, and what is refused.
#include "quantize/quantize.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "graphs.h"
#include "numerics/elementary.h"
#include "numerics/rounding.h"

namespace espalier::quantize {
namespace {

// Every value seen evenly over [-2, 6].
Statistics statistics_of(const Graph& graph) {
  Statistics statistics;
  for (const Value* value : graph.values())
    for (int i = 0; i <= 80; ++i) {
      const float real = -2.0f + 0.1f * static_cast<float>(i);
      statistics[value->name].add(&real, 1);
    }
  return statistics;
}

const QuantizeOptions kMinMax{.method = RangeMethod::min_max};

Quantized quantized(const std::string& text) {
  const Graph graph = graph_of(text);
  Result<Quantized> result = quantize(graph, statistics_of(graph), kMinMax);
  CHECK(result.ok(), "{}", result.error().message());
  const Status valid = verify_graph(result->graph, ops::op_lookup());
  CHECK(valid.ok(), "{}", valid.error().message());
  return std::move(result).value();
}

TEST(quantize, a_convolution_becomes_integer) {
  const Quantized result = quantized(
      "%x = input f32[1,4,4,2]\n%y = conv2d %x w=random(1)[3,1,1,2] bias=values(1,2,3)[3] activation=\"relu\" "
      "@\"conv\"\noutput %y\n");
  const Node& node = *result.graph.nodes()[0];
  EXPECT_EQ(node.op, "conv2d");
  EXPECT_EQ(node.name, "conv");
  EXPECT_EQ(node.text("activation"), "relu");
  EXPECT_EQ(node.inputs[0]->type.type, DataType::s8);
  EXPECT_EQ(node.inputs[1]->quantization->axis, 0);
  EXPECT_EQ(node.inputs[1]->quantization->scales.size(), 3u);
  EXPECT_EQ(node.inputs[2]->type.type, DataType::s32);
  EXPECT_EQ(node.output()->scale(), 8.0f / 255.0f);
  EXPECT_EQ(result.graph.outputs()[0].type.type, DataType::f32);
  EXPECT_EQ(result.report.mac_count, 96);
  EXPECT_EQ(result.report.integer_mac_count, 96);
  EXPECT_TRUE(result.report.float_nodes.empty());
}

TEST(quantize, a_unary_function_becomes_the_table_of_its_float64_formula) {
  const Quantized result = quantized("%x = input f32[1,4]\n%y = sigmoid %x\noutput %y\n");
  const Node& node = *result.graph.nodes()[0];
  ASSERT_EQ(node.op, "table");
  EXPECT_EQ(node.text("function"), "sigmoid");
  const double input_scale = double{node.inputs[0]->scale()};
  const double output_scale = double{node.output()->scale()};
  for (int q = -128; q < 128; ++q) {
    const double real = (q - node.inputs[0]->zero_point()) * input_scale;
    const double y = 1 / (1 + exp_f64(-real));
    const double expected = std::clamp(std::nearbyint(y / output_scale) + node.output()->zero_point(), -128.0, 127.0);
    EXPECT_NEAR(node.inputs[1]->constant.data<int8_t>()[q + 128], expected, 0) << q;
  }
}

TEST(quantize, elements_that_move_keep_their_scale) {
  const Quantized result = quantized("%x = input f32[1,4]\n%y = reshape %x shape=[4]\n%z = tanh %y\noutput %z\n");
  EXPECT_EQ(*result.graph.nodes()[0]->output()->quantization, *result.graph.inputs()[0].value->quantization);
}

TEST(quantize, a_float_node_gets_seams_and_its_reason) {
  const Quantized result =
      quantized("%x = input f32[1,4]\n%a = tanh %x\n%b = pow %a b=values(3)[1] @\"power\"\n%c = tanh %b\noutput %c\n");
  std::vector<std::string> ops;
  for (const Node* node : result.graph.nodes()) ops.push_back(node->op);
  EXPECT_EQ(ops, (std::vector<std::string>{"table", "dequantize", "pow", "quantize", "table"}));
  ASSERT_EQ(result.report.float_nodes.size(), 1u);
  EXPECT_EQ(result.report.float_nodes[0].name, "power");
  EXPECT_EQ(result.report.float_nodes[0].reason, "pow has no integer meaning");
}

TEST(quantize, a_sum_that_could_overflow_stays_float_without_seams) {
  const Quantized result = quantized("%x = input f32[1,70000]\n%y = linear %x w=splat(1)[1,70000]\noutput %y\n");
  ASSERT_EQ(result.report.float_nodes.size(), 1u);
  EXPECT_NE(result.report.float_nodes[0].reason.find("32 bits end at"), std::string::npos);
  EXPECT_EQ(result.report.integer_mac_count, 0);
}

TEST(quantize, zero_is_exact) {
  const Quantized result = quantized("%x = input f32[1,4]\n%y = add %x b=values(0,1,2,3)[4]\noutput %y\n");
  const Value& constant = *result.graph.nodes()[0]->inputs[1];
  EXPECT_EQ(constant.constant.data<int8_t>()[0], constant.zero_point());
}

std::string refusal_of(const std::string& text, const Statistics& statistics,
                       const QuantizeOptions& options = kMinMax) {
  const Result<Quantized> result = quantize(graph_of(text), statistics, options);
  return result.ok() ? "" : result.error().message();
}

constexpr const char* kLinear = "%x = input f32[1,2]\n%y = linear %x w=values(1,nan)[1,2] @\"fc\"\noutput %y\n";

TEST(quantize, nan_weights_are_refused) {
  EXPECT_EQ(
      refusal_of(kLinear, statistics_of(graph_of(kLinear))),
      "node \"fc\" (linear): its weights \"y.w\" hold nan at element 1. The network was trained or exported wrongly");
}

TEST(quantize, values_that_became_nan_or_infinite_are_refused) {
  const char* text = "%x = input f32[1,2]\n%y = tanh %x\noutput %y\n";
  Statistics statistics = statistics_of(graph_of(text));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  statistics["y"].add(&nan, 1);
  EXPECT_NE(refusal_of(text, statistics).find("calibration made 1 NaN of \"y\""), std::string::npos);
  statistics = statistics_of(graph_of(text));
  const float infinite = std::numeric_limits<float>::infinity();
  statistics["x"].add(&infinite, 1);
  EXPECT_NE(refusal_of(text, statistics).find("calibration has seen \"x\" in the range -2 to inf"), std::string::npos);
  EXPECT_NE(refusal_of(text, {}).find("calibration has seen no number of \"x\""), std::string::npos);
}

TEST(quantize, an_impossible_percentile_is_refused) {
  for (const double percentile : {50.0, 100.1, -1.0, std::numeric_limits<double>::quiet_NaN()})
    EXPECT_NE(refusal_of("%x = input f32[1]\noutput %x\n", {}, {.percentile = percentile}).find("must be above 50"),
              std::string::npos);
}

TEST(quantize, enormous_ranges_become_integer_or_say_why_not) {
  const char* text = "%x = input f32[1,2]\n%y = mul %x %x\noutput %y\n";
  Statistics statistics;
  for (const float real : {-3e38f, 3e38f}) statistics["x"].add(&real, 1);
  for (const float real : {-1.0f, 1.0f}) statistics["y"].add(&real, 1);
  const Result<Quantized> result = quantize(graph_of(text), statistics, kMinMax);
  ASSERT_TRUE(result.ok()) << result.error().message();
  ASSERT_EQ(result->report.float_nodes.size(), 1u);
  EXPECT_EQ(result->report.float_nodes[0].reason, "its scales multiply to inf, which is not finite");
  EXPECT_TRUE(verify_graph(result->graph, ops::op_lookup()).ok());
}

}  // namespace
}  // namespace espalier::quantize
