// Random networks, written as the ONNX reader writes them, compute the same before and after simplify, with all passes
// and with each pass left out. ESPALIER_SEED repeats a failure.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "graphs.h"
#include "numerics/seed.h"
#include "simplify/simplify.h"
#include "text_cases/execute.h"

namespace espalier {
namespace {

class RandomNetwork {
 public:
  explicit RandomNetwork(uint64_t seed) : random_(seed) {}

  Graph make() {
    const Shape shape = {1, pick({1, 2, 3, 4}), pick({4, 6, 7, 8}), pick({4, 5, 8})};
    for (int64_t i = 0; i <= below(2); ++i) {
      Value* input = graph_.add_value(fmt::format("x{}", i), {DataType::f32, shape});
      graph_.add_input(input, input->type);
      values_.push_back(input);
    }
    const int64_t node_count = 3 + below(12);
    while (static_cast<int64_t>(graph_.node_count()) < node_count) add_something();
    const int64_t output_count = 1 + below(3);
    for (int64_t i = 0; i < output_count; ++i) {
      Value* value =
          i == 0 ? values_.back() : values_[static_cast<size_t>(below(static_cast<int64_t>(values_.size())))];
      graph_.add_output(value, fmt::format("y{}", i), value->type);
    }
    CHECK(graph_.sort().ok());
    return std::move(graph_);
  }

 private:
  int64_t below(int64_t end) { return std::uniform_int_distribution<int64_t>(0, end - 1)(random_); }
  int64_t pick(const std::vector<int64_t>& choices) {
    return choices[static_cast<size_t>(below(static_cast<int64_t>(choices.size())))];
  }
  Value* constant(const Shape& shape) {
    return graph_.add_constant("c", random_tensor(random_(), {DataType::f32, shape}));
  }

  // Nodes whose sizes do not fit are not made.
  Value* add(const std::string& op, std::vector<Value*> inputs, Attributes attributes = {}) {
    Value* output = graph_.add_node(op, op, std::move(inputs), std::move(attributes), TensorType{});
    if (ops::infer_outputs(output->producer).ok() && element_count(output->shape()) < 20000) return output;
    graph_.remove(output->producer);
    return nullptr;
  }
  Value* transposed(Value* value, std::vector<int64_t> permutation) {
    return value == nullptr ? nullptr : add("transpose", {value}, {{"permutation", std::move(permutation)}});
  }
  // An operator on NHWC maps between the transposes that the reader puts around it.
  Value* on_map(const std::string& op, Value* x, std::vector<Value*> constants, Attributes attributes = {}) {
    std::vector<Value*> inputs = {transposed(x, {0, 2, 3, 1})};
    inputs.insert(inputs.end(), constants.begin(), constants.end());
    return transposed(add(op, inputs, std::move(attributes)), {0, 3, 1, 2});
  }
  Value* scalar(float value) { return graph_.add_constant("s", tensor_f32({}, {value})); }

  void add_something() {
    Value* x = values_[values_.size() - 1 -
                       static_cast<size_t>(below(std::min<int64_t>(3, static_cast<int64_t>(values_.size()))))];
    Value* made = x->shape().size() == 4 && below(3) != 0 ? map_operator(x) : any_operator(x);
    if (made != nullptr) values_.push_back(made);
  }

  Value* map_operator(Value* x) {
    const int64_t channels = x->shape()[1];
    switch (below(9)) {
      case 0: {
        const int64_t side = pick({1, 3});
        const int64_t outputs = pick({1, 2, 4});
        Attributes attributes;
        if (below(2)) attributes["strides"] = std::vector<int64_t>{pick({1, 2}), pick({1, 2})};
        if (below(2)) attributes["padding"] = std::vector<int64_t>{below(2), below(2), below(2), below(2)};
        std::vector<Value*> constants = {constant({outputs, side, side, channels})};
        if (below(2)) constants.push_back(constant({outputs}));
        return on_map("conv2d", x, constants, attributes);
      }
      case 1:  // a batch norm
        return on_map("conv2d", x, {constant({channels, 1, 1, 1}), constant({channels})}, {{"groups", channels}});
      case 2:
        return add("pad", {x},
                   {{"before", std::vector<int64_t>{0, 0, below(3), below(2)}},
                    {"after", std::vector<int64_t>{0, below(4) == 0, below(2), below(3)}},
                    {"value", below(3) == 0 ? 0.5f : 0.0f}});
      case 3:
        return on_map("max_pool", x, {},
                      {{"kernel", std::vector<int64_t>{2, 2}}, {"strides", std::vector<int64_t>{2, 1}}});
      case 4: return on_map("reduce_mean", x, {}, {{"axes", std::vector<int64_t>{1, 2}}});
      case 5: return add(below(2) ? "mul" : "add", {x, constant({1, channels, 1, 1})});
      case 6: return add(below(2) ? "mul" : "add", {x, constant({channels, 1, 1})});
      case 7: return focus(x);
      default: return add("reshape", {x}, {{"shape", Shape{1, channels, x->shape()[2] * x->shape()[3]}}});
    }
  }

  Value* focus(Value* x) {
    if (x->shape()[2] % 2 != 0 || x->shape()[3] % 2 != 0) return nullptr;
    std::vector<Value*> parts;
    for (const int64_t position : {0, 2, 1, 3})
      parts.push_back(add("slice", {x},
                          {{"begin", std::vector<int64_t>{0, 0, position / 2, position % 2}},
                           {"end", x->shape()},
                           {"step", std::vector<int64_t>{1, 1, 2, 2}}}));
    Value* joined = add("concat", parts, {{"axis", int64_t{1}}});
    return on_map("conv2d", joined, {constant({2, 1, 1, joined->shape()[1]})});
  }

  Value* any_operator(Value* x) {
    const Shape shape = x->shape();
    const auto rank = static_cast<int64_t>(shape.size());
    switch (below(13)) {
      case 0: return add("relu", {x});
      case 1: return add("clip", {x}, {{"clip_min", pick({0, 1}) ? 0.0f : -0.5f}, {"clip_max", 6.0f}});
      case 2: return add("sigmoid", {x});
      case 3: return below(2) ? add("mul", {x, add("sigmoid", {x})}) : add("mul", {add("sigmoid", {x}), x});
      case 4: {  // hard-swish, spelled out
        Value* gate = add("clip", {add("add", {x, scalar(3)})}, {{"clip_min", 0.0f}, {"clip_max", 6.0f}});
        return below(2) ? add("div", {add("mul", {x, gate}), scalar(6)})
                        : add("mul", {x, add("mul", {gate, scalar(1.0f / 6)})});
      }
      case 5: return add(below(2) ? "mul" : "add", {x, scalar(below(2) ? 0.5f : -1.5f)});
      case 6: return add(below(2) ? "sub" : "add", {x, constant({shape.back()})});
      case 7: {
        std::vector<int64_t> permutation(shape.size());
        for (size_t d = 0; d < permutation.size(); ++d) permutation[d] = static_cast<int64_t>(d);
        std::shuffle(permutation.begin(), permutation.end(), random_);
        return transposed(x, permutation);
      }
      case 8: {
        std::vector<int64_t> begin(shape.size(), 0), end = shape, step(shape.size(), 1);
        const auto d = static_cast<size_t>(below(rank));
        begin[d] = below(shape[d]);
        step[d] = 1 + below(2);
        return add("slice", {x}, {{"begin", begin}, {"end", end}, {"step", step}});
      }
      case 9: {
        std::vector<Value*> alike;
        for (Value* value : values_)
          if (value->shape() == shape && below(2)) alike.push_back(value);
        alike.push_back(x);
        return add("concat", alike, {{"axis", below(rank)}});
      }
      case 10:
        for (Value* value : values_)
          if (value->shape() == shape && value != x) return add(below(2) ? "add" : "mul", {x, value});
        return add("add", {x, x});
      case 11: return add("linear", {x, constant({pick({1, 3}), shape.back()})});
      default: return add("reduce_mean", {x}, {{"axes", std::vector<int64_t>{below(rank)}}});
    }
  }

  std::mt19937_64 random_;
  Graph graph_;
  std::vector<Value*> values_;
};

// Nothing, or how the outputs differ by more than 1e-4 of their range: reordered float sums of a dozen layers.
std::string difference(const Graph& before, const Graph& after) {
  const std::vector<Tensor> inputs = random_inputs(before);
  const run::RunOptions reference{.thread_count = 1, .kernels = {.reference_only = true}};
  const std::vector<Tensor> expected = execute(before, inputs, reference).value();
  const Result<std::vector<Tensor>> got = execute(after, inputs, reference);
  if (!got.ok()) return got.error().message();
  for (size_t i = 0; i < expected.size(); ++i) {
    if ((*got)[i].shape() != expected[i].shape()) return fmt::format("output {} changed its shape", i);
    const float* a = expected[i].data<float>();
    const float* b = (*got)[i].data<float>();
    float largest = 0;
    for (int64_t at = 0; at < expected[i].count(); ++at) largest = std::max(largest, std::abs(a[at]));
    for (int64_t at = 0; at < expected[i].count(); ++at)
      if (!(std::abs(a[at] - b[at]) <= 1e-4f * largest + 1e-6f))
        return fmt::format("output {} element {} was {} and became {}", i, at, a[at], b[at]);
  }
  return {};
}

std::string simplified_difference(const Graph& before, const std::string& disabled) {
  Graph after = before.clone();
  PassOptions options;
  if (!disabled.empty()) options.disabled.insert(disabled);
  simplify::simplify(after, options);
  return difference(before, after);
}

TEST(random_graphs, simplify_keeps_what_a_network_computes) {
  std::mt19937_64 random = seeded_random();
  for (int i = 0; i < 400; ++i) {
    const uint64_t seed = random();
    const Graph before = RandomNetwork(seed).make();
    ASSERT_TRUE(verify_graph(before, ops::op_lookup()).ok());
    ASSERT_EQ(simplified_difference(before, ""), "") << "network " << i << "\n" << text_of(before);
  }
}

TEST(random_graphs, so_it_does_without_any_one_pass) {
  std::mt19937_64 random = seeded_random();
  for (int i = 0; i < 40; ++i) {
    const Graph before = RandomNetwork(random()).make();
    for (const Pass& pass : simplify::passes())
      ASSERT_EQ(simplified_difference(before, pass.name), "") << "network " << i << " without " << pass.name << "\n"
                                                              << text_of(before);
  }
}

}  // namespace
}  // namespace espalier
