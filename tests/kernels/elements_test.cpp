// Kernels on single elements, pools, and moves: every kernel equals the reference in every byte.
#include "kernels/window_cases.h"

namespace espalier {
namespace {

std::string shape_text(const std::vector<int64_t>& shape) { return fmt::format("[{}]", fmt::join(shape, ",")); }

Quantization random_quantization(Differential& differential) {
  return {.scales = {differential.scale()}, .zero_point = static_cast<int32_t>(differential.zero_point()), .axis = -1};
}

Fill random_fill(Differential& differential) {
  return differential.between(0, 2) == 0 ? kFills[differential.between(0, 3)] : Fill::random;
}

const std::vector<std::vector<int64_t>> kUnaryShapes = {{1},  {7},        {63, 1},        {64},
                                                        {65}, {3, 5, 17}, {1, 9, 31, 33}, {1025}};

Differential check_unary(const std::string& op, const std::vector<std::string>& attributes) {
  Differential differential(op);
  for (const auto& shape : kUnaryShapes)
    for (const std::string& attribute : attributes)
      for (const Fill fill : kFills)
        differential.check(fmt::format("%x = input f32{}\n%y = {} %x {}\noutput %y", shape_text(shape), op, attribute),
                           {}, fill);
  return differential;
}

TEST(elements, relu) { check_unary("relu", {""}).expect_all_ran("relu_f32"); }
TEST(elements, clip) {
  check_unary("clip", {"", "clip_min=-0.5", "clip_min=0.0 clip_max=6.0"}).expect_all_ran("clip_f32");
}
TEST(elements, leaky_relu) { check_unary("leaky_relu", {"", "alpha=0.3"}).expect_all_ran("leaky_relu_f32"); }
TEST(elements, hard_sigmoid) {
  check_unary("hard_sigmoid", {"", "alpha=0.3 beta=0.1"}).expect_all_ran("hard_sigmoid_f32");
}
TEST(elements, hard_swish) { check_unary("hard_swish", {""}).expect_all_ran("hard_swish_f32"); }
TEST(elements, sigmoid) { check_unary("sigmoid", {""}).expect_all_ran("sigmoid_f32"); }
TEST(elements, silu) { check_unary("silu", {""}).expect_all_ran("silu_f32"); }
TEST(elements, tanh) { check_unary("tanh", {""}).expect_all_ran("tanh_f32"); }
TEST(elements, softmax) { check_unary("softmax", {""}).expect_all_ran("softmax_f32"); }

// The exponential formulas on floats of every size: bit patterns at random, and those around the ends of the range.
TEST(elements, exponentials_on_every_kind_of_float) {
  for (const std::string op : {"sigmoid", "silu", "tanh"}) {
    Differential differential(op);
    Result<Graph> parsed =
        parse_graph(fmt::format("%x = input f32[100003]\n%y = {} %x\noutput %y", op), ops::op_lookup());
    const Graph graph = std::move(parsed).value();
    std::vector<float> x(100003);
    for (size_t i = 0; i < x.size(); ++i) {
      const auto bits = static_cast<uint32_t>(differential.random()());
      std::memcpy(&x[i], &bits, 4);
      if (i % 2 == 0) x[i] = std::uniform_real_distribution<float>(-110, 110)(differential.random());
    }
    const float special[] = {0.0f,    -0.0f, INFINITY, -INFINITY, NAN,    -104,    89,      88.8f,
                             -103.9f, 9.02f, 10,       20,        1e-45f, 3.4e38f, -3.4e38f};
    std::copy(std::begin(special), std::end(special), x.begin());
    differential.check_on(*graph.nodes()[0], {x.data()});
  }
}

template <DataType type>
Differential check_pairs(const std::string& op, bool has_activation) {
  Differential differential(op);
  const std::vector<std::pair<std::vector<int64_t>, std::vector<int64_t>>> shapes = {{{1}, {1}},
                                                                                     {{33}, {33}},
                                                                                     {{1, 5, 7, 31}, {1, 5, 7, 31}},
                                                                                     {{2, 5, 7, 17}, {17}},
                                                                                     {{2, 3, 4, 16}, {2, 1, 1, 16}},
                                                                                     {{1, 5, 7, 9}, {1, 5, 7, 1}},
                                                                                     {{1, 5, 7, 9}, {1}},
                                                                                     {{1}, {1, 5, 7, 9}},
                                                                                     {{3, 1, 5}, {1, 4, 1}},
                                                                                     {{127}, {2, 127}},
                                                                                     {{1, 200}, {1, 200}},
                                                                                     {{4, 1, 3}, {4, 2, 3}}};
  for (const auto& [a, b] : shapes)
    for (int i = 0; i < 4; ++i) {
      const bool integer = type == DataType::s8;
      const std::string activation =
          has_activation ? differential.one_of<std::string>(
                               {"", "activation=\"relu\"", "activation=\"clip\" clip_min=-0.5 clip_max=0.75"})
                         : "";
      differential.check(fmt::format("%a = input {0}{1}{2}\n%b = input {0}{3}{4}\n%y = {5} %a %b {6}\noutput %y",
                                     name(type), shape_text(a), integer ? differential.quantization() : "",
                                     shape_text(b), integer ? differential.quantization() : "", op, activation),
                         random_quantization(differential), random_fill(differential));
    }
  return differential;
}

TEST(elements, add_s8) { check_pairs<DataType::s8>("add", true).expect_all_ran("add_s8"); }
TEST(elements, sub_s8) { check_pairs<DataType::s8>("sub", false).expect_all_ran("sub_s8"); }
TEST(elements, mul_s8) { check_pairs<DataType::s8>("mul", false).expect_all_ran("mul_s8"); }
TEST(elements, add_f32) { check_pairs<DataType::f32>("add", true).expect_all_ran("add_f32"); }
TEST(elements, sub_f32) { check_pairs<DataType::f32>("sub", false).expect_all_ran("sub_f32"); }
TEST(elements, mul_f32) { check_pairs<DataType::f32>("mul", false).expect_all_ran("mul_f32"); }
TEST(elements, div_f32) { check_pairs<DataType::f32>("div", false).expect_all_ran("div_f32"); }

TEST(elements, quantize) {
  Differential differential("quantize");
  for (const auto& shape : kUnaryShapes)
    for (const Fill fill : kFills)
      differential.check(fmt::format("%x = input f32{}\n%y = quantize %x\noutput %y", shape_text(shape)),
                         random_quantization(differential), fill);
  // Ties, NaN and infinities.
  Result<Graph> parsed = parse_graph(
      "%x = input f32[12]\n%y = quantize %x -> s8[12]{scale=2.0,zero_point=3}\noutput %y", ops::op_lookup());
  const Graph graph = std::move(parsed).value();
  const std::vector<float> x = {1, 3, -1, -3, 5, 1e30f, -1e30f, INFINITY, -INFINITY, NAN, 248, -262};
  differential.check_on(*graph.nodes()[0], {x.data()});
  differential.expect_all_ran("quantize_f32");
}

TEST(elements, dequantize) {
  Differential differential("dequantize");
  for (const auto& shape : kUnaryShapes)
    differential.check(fmt::format("%x = input s8{}{}\n%y = dequantize %x\noutput %y", shape_text(shape),
                                   differential.quantization()));
  differential.expect_all_ran("dequantize_s8");
}

TEST(elements, table) {
  Differential differential("table");
  for (const auto& shape : kUnaryShapes)
    differential.check(fmt::format("%x = input s8{}{}\n%y = table %x entries=s8:random[256]\noutput %y",
                                   shape_text(shape), differential.quantization()));
  differential.expect_all_ran("table_s8");
}

template <DataType type>
Differential check_pools(const std::string& op) {
  Differential differential(op);
  for (int i = 0; i < 70; ++i) {
    const WindowCase window = random_window(differential);
    const std::string padding = op == "average_pool" && i % 2 == 0 ? "count_padding=1" : "";
    const std::string quantization = type == DataType::s8 ? differential.quantization() : "";
    const std::string text =
        fmt::format("%x = input {}[{},{},{},{}]{}\n%y = {} %x kernel=[{},{}] {} {}\noutput %y", name(type),
                    differential.between(1, 2), window.height, window.width, kAwkward[differential.between(0, 12)],
                    quantization, op, window.kernel[0], window.kernel[1], window.attributes(), padding);
    // Dilated windows may miss the map, which the operator refuses.
    if (!parse_graph(text, ops::op_lookup()).ok()) continue;
    const std::optional<Quantization> output =
        op == "average_pool" ? std::optional(random_quantization(differential)) : std::nullopt;
    differential.check(text, output, random_fill(differential));
    if (::testing::Test::HasFatalFailure()) break;
  }
  return differential;
}

TEST(elements, max_pool_s8) { check_pools<DataType::s8>("max_pool").expect_all_ran("max_pool_s8"); }
TEST(elements, max_pool_f32) { check_pools<DataType::f32>("max_pool").expect_all_ran("max_pool_f32"); }
TEST(elements, average_pool_s8) { check_pools<DataType::s8>("average_pool").expect_all_ran("average_pool_s8"); }
TEST(elements, average_pool_f32) { check_pools<DataType::f32>("average_pool").expect_all_ran("average_pool_f32"); }

template <DataType type>
Differential check_means() {
  Differential differential("reduce_mean");
  for (const int64_t channels : kAwkward)
    for (const char* axes : {"[1,2]", "[2,1]", "[3]", "[1]", "[0,1,2]", "[1,3]", "[0,1,2,3]"}) {
      const std::string quantization = type == DataType::s8 ? differential.quantization() : "";
      differential.check(fmt::format("%x = input {}[2,{},5,{}]{}\n%y = reduce_mean %x axes={}\noutput %y", name(type),
                                     differential.between(1, 9), channels, quantization, axes),
                         random_quantization(differential), random_fill(differential));
    }
  return differential;
}

TEST(elements, reduce_mean_s8) { check_means<DataType::s8>().expect_all_ran("reduce_mean_s8"); }
TEST(elements, reduce_mean_f32) { check_means<DataType::f32>().expect_all_ran("reduce_mean_f32"); }

constexpr const char* kTypes[] = {"s8", "s16", "f32", "s64", "bool"};

TEST(moves, transpose) {
  Differential differential("transpose");
  for (int i = 0; i < 60; ++i) {
    std::vector<int64_t> shape, permutation;
    const int64_t rank = differential.between(1, 5);
    for (int64_t d = 0; d < rank; ++d) {
      shape.push_back(differential.one_of<int64_t>({1, 2, 3, 7, 17, 33}));
      permutation.push_back(d);
    }
    while (element_count(shape) > 100000) shape[static_cast<size_t>(differential.between(0, rank - 1))] = 1;
    std::shuffle(permutation.begin(), permutation.end(), differential.random());
    differential.check(fmt::format("%x = input {}{}\n%y = transpose %x permutation={}\noutput %y", kTypes[i % 5],
                                   shape_text(shape), shape_text(permutation)));
  }
  differential.expect_all_ran("transpose_any");
}

TEST(moves, slice) {
  Differential differential("slice");
  for (int i = 0; i < 60; ++i) {
    std::vector<int64_t> shape, begin, end, step;
    for (int d = 0; d < 4; ++d) {
      shape.push_back(differential.between(1, 20));
      step.push_back(differential.one_of<int64_t>({1, 1, 1, 2, 3, -1, -2}));
      const int64_t a = differential.between(0, shape.back());
      const int64_t b = differential.between(0, shape.back());
      begin.push_back(step.back() > 0 ? std::min(a, b) : std::max(a, b) - 1);
      end.push_back(step.back() > 0 ? std::max(a, b) : std::min(a, b) - 1);
      // A tensor has at least one element.
      if (begin.back() == end.back()) {
        step.back() = 1;
        begin.back() = 0;
        end.back() = shape.back();
      }
    }
    differential.check(fmt::format("%x = input {}{}\n%y = slice %x begin={} end={} step={}\noutput %y", kTypes[i % 5],
                                   shape_text(shape), shape_text(begin), shape_text(end), shape_text(step)));
  }
  differential.expect_all_ran("slice_any");
}

TEST(moves, depth_to_space) {
  Differential differential("depth_to_space");
  for (const char* type : kTypes)
    for (const int64_t block : {1, 2, 3})
      for (const int64_t channels : {1, 3, 17})
        for (const char* order : {"pixels_first", "channels_first"})
          differential.check(
              fmt::format("%x = input {}[2,5,3,{}]\n%y = depth_to_space %x block={} order=\"{}\"\noutput %y", type,
                          channels * block * block, block, order));
  differential.expect_all_ran("depth_to_space_any");
}

TEST(moves, space_to_depth) {
  Differential differential("space_to_depth");
  for (const int64_t block : {1, 2, 3, 4})
    for (const int64_t channels : {1, 3, 4, 17})
      for (const char* type : kTypes)
        differential.check(fmt::format("%x = input {}[2,{},{},{}]\n%y = space_to_depth %x block={}\noutput %y", type,
                                       block * 3, block * 5, channels, block));
  differential.expect_all_ran("space_to_depth_any");
}

TEST(moves, reshape) {
  Differential differential("reshape");
  for (const char* type : kTypes)
    differential.check(fmt::format("%x = input {}[2,3,5,7]\n%y = reshape %x shape=[6,35]\noutput %y", type));
  differential.expect_all_ran("reshape_any");
}

TEST(moves, pad) {
  Differential differential("pad");
  for (int i = 0; i < 40; ++i) {
    std::vector<int64_t> shape, before, after;
    for (int64_t d = 0; d < 1 + i % 4; ++d) {
      shape.push_back(differential.between(1, 9));
      before.push_back(differential.one_of<int64_t>({0, 0, 1, 3}));
      after.push_back(differential.one_of<int64_t>({0, 0, 1, 3}));
    }
    differential.check(fmt::format("%x = input {}{}{}\n%y = pad %x before={} after={} value={}\noutput %y",
                                   i % 2 == 0 ? "s8" : "f32", shape_text(shape),
                                   i % 2 == 0 ? differential.quantization() : "", shape_text(before), shape_text(after),
                                   differential.one_of<const char*>({"0.0", "-1.5", "0.25"})));
  }
  differential.expect_all_ran("pad_any");
}

TEST(moves, concat) {
  Differential differential("concat");
  for (int i = 0; i < 60; ++i) {
    const bool integer = i % 2 == 0;
    const auto axis = static_cast<size_t>(differential.between(0, 3));
    std::vector<int64_t> shape;
    for (int d = 0; d < 4; ++d) shape.push_back(differential.one_of<int64_t>({1, 2, 3, 7, 17}));
    const std::string common = integer ? differential.quantization() : "";
    const bool equal_scales = i % 4 == 0;
    std::string text, names;
    for (int64_t k = 0; k < differential.between(1, 4); ++k) {
      shape[axis] = kAwkward[differential.between(0, 9)];
      text += fmt::format("%x{} = input {}{}{}\n", k, integer ? "s8" : kTypes[i % 5], shape_text(shape),
                          !integer       ? ""
                          : equal_scales ? common
                                         : differential.quantization());
      names += fmt::format(" %x{}", k);
    }
    if (names.empty()) continue;
    if (!integer && text.find("input s8") != std::string::npos) continue;
    differential.check(text + fmt::format("%y = concat{} axis={}\noutput %y", names, axis),
                       equal_scales ? std::nullopt : std::optional(random_quantization(differential)));
  }
  differential.expect_all_ran("concat_any");
  differential.expect_all_ran("concat_s8");
}

TEST(moves, resize) {
  Differential differential("resize");
  for (int i = 0; i < 120; ++i) {
    const int64_t height = differential.between(1, 9);
    const int64_t width = differential.between(1, 9);
    const int64_t new_height = differential.between(1, 20);
    const int64_t new_width = differential.between(1, 20);
    differential.check(fmt::format(
        "%x = input {}[{},{},{},{}]{}\n%y = resize %x size=[{},{}] scales=[{},{}] mode=\"{}\" coordinates=\"{}\" "
        "rounding=\"{}\"\noutput %y",
        i % 2 == 0 ? "s8" : "f32", differential.between(1, 2), height, width, kAwkward[differential.between(0, 12)],
        i % 2 == 0 ? differential.quantization() : "", new_height, new_width,
        Differential::with_point(static_cast<float>(new_height) / static_cast<float>(height)),
        Differential::with_point(static_cast<float>(new_width) / static_cast<float>(width)),
        i % 4 < 2 ? "linear" : "nearest",
        differential.one_of<const char*>({"asymmetric", "half_pixel", "pytorch_half_pixel", "align_corners"}),
        differential.one_of<const char*>({"floor", "ceil", "round_prefer_floor", "round_prefer_ceil"})));
  }
  differential.expect_all_ran("resize_any");
  differential.expect_all_ran("resize_s8");
  differential.expect_all_ran("resize_f32");
}

}  // namespace
}  // namespace espalier
