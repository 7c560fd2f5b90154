// Kernels on rows: every kernel equals the reference in every byte.
#include "kernels/differential.h"

namespace espalier {
namespace {

const std::vector<int64_t> kSizes = {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 127, 320};

Quantization random_quantization(Differential& differential) {
  return {.scales = {differential.scale()}, .zero_point = static_cast<int32_t>(differential.zero_point()), .axis = -1};
}

TEST(rows, softmax_s8) {
  Differential differential("softmax");
  for (const int64_t size : kSizes)
    for (const Fill fill : kFills)
      differential.check(
          fmt::format("%x = input s8[5,{}]{}\n%y = softmax %x\noutput %y", size, differential.quantization()),
          random_quantization(differential), fill);
  differential.expect_all_ran("softmax_s8");
}

TEST(rows, layer_norm_s8) {
  Differential differential("layer_norm");
  for (const int64_t size : kSizes)
    for (const char* parameters : {"", " scale=random(1)[{0}]", " scale=random(1)[{0}] bias=random(2)[{0}]"})
      for (const char* epsilon : {"1e-5", "0.0", "0.5"})
        for (const Fill fill : kFills)
          differential.check(
              fmt::format("%x = input s8[3,{}]{}\n%y = layer_norm %x{} epsilon={}\noutput %y", size,
                          differential.quantization(), fmt::format(fmt::runtime(parameters), size), epsilon),
              random_quantization(differential), fill);
  differential.expect_all_ran("layer_norm_s8");
}

TEST(rows, layer_norm_f32) {
  Differential differential("layer_norm");
  for (const int64_t size : kSizes)
    for (const char* parameters : {"", " scale=random(1)[{0}]", " scale=random(1)[{0}] bias=random(2)[{0}]"})
      for (const Fill fill : kFills)
        differential.check(fmt::format("%x = input f32[3,{}]\n%y = layer_norm %x{} epsilon=0.001\noutput %y", size,
                                       fmt::format(fmt::runtime(parameters), size)),
                           {}, fill);
  differential.expect_all_ran("layer_norm_f32");
}

// Slopes: one for all, one per channel, one per row, one per element.
template <class Check>
void for_each_slope(int64_t size, Check check) {
  for (const std::string& shape : {std::string("1"), fmt::format("{}", size), std::string("3,1"),
                                   fmt::format("2,1,{}", size), fmt::format("2,3,{}", size)})
    check(shape);
}

TEST(rows, prelu_s8) {
  Differential differential("prelu");
  for (const int64_t size : kSizes)
    for_each_slope(size, [&](const std::string& slope) {
      for (const Fill fill : kFills)
        differential.check(fmt::format("%x = input s8[2,3,{}]{}\n%y = prelu %x slope=random(1)[{}]\noutput %y", size,
                                       differential.quantization(), slope),
                           random_quantization(differential), fill);
    });
  differential.expect_all_ran("prelu_s8");
}

TEST(rows, prelu_f32) {
  Differential differential("prelu");
  for (const int64_t size : kSizes)
    for_each_slope(size, [&](const std::string& slope) {
      for (const Fill fill : kFills)
        differential.check(
            fmt::format("%x = input f32[2,3,{}]\n%s = input f32[{}]\n%y = prelu %x %s\noutput %y", size, slope), {},
            fill);
    });
  differential.expect_all_ran("prelu_f32");
}

}  // namespace
}  // namespace espalier
