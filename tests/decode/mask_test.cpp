// Probabilities and arg-max classes on the picture; pixels outside of the view; what is no mask.
#include <gtest/gtest.h>

#include "decode/run_decoder.h"

namespace espalier {
namespace {

std::vector<int> classes(const Result<Decoded>& decoded) {
  return {decoded->mask->classes.begin(), decoded->mask->classes.end()};
}

TEST(mask, a_probability_is_interpolated_then_decided) {
  // Two cells over four pixels: values at the pixels are 0, 0.25, 0.75, 1.
  const std::vector<NamedTensor> outputs = {{"p", tensor_f32({1, 1, 1, 2}, {0, 1})}};
  EXPECT_EQ(classes(run_decoder("mask", outputs, 2, 4)), (std::vector<int>{0, 0, 1, 1, 0, 0, 1, 1}));
  EXPECT_EQ(classes(run_decoder("mask", outputs, 2, 4, {.score_threshold = 0.2f})),
            (std::vector<int>{0, 1, 1, 1, 0, 1, 1, 1}));
}

TEST(mask, the_best_of_several_classes_wins_in_both_layouts) {
  EXPECT_EQ(classes(run_decoder("mask", {{"y", tensor_f32({1, 3, 1, 2}, {5, 0, 4, -1, 5, 7})}}, 1, 2)),
            (std::vector<int>{0, 2}));
  EXPECT_EQ(classes(run_decoder("mask", {{"y", tensor_f32({1, 1, 2, 3}, {5, 4, 5, 0, -1, 7})}}, 1, 2)),
            (std::vector<int>{0, 2}));
}

TEST(mask, pixels_outside_of_the_view_are_unseen) {
  // The network saw the middle two of four columns.
  const std::vector<NamedTensor> outputs = {{"p", filled({1, 1, 2, 2}, 1)}};
  const Result<Decoded> decoded =
      decode(**find_decoder("mask"), {.outputs = outputs,
                                      .geometry = {.offset_x = -1, .picture_height = 2, .picture_width = 4},
                                      .input_height = 2,
                                      .input_width = 2});
  EXPECT_EQ(classes(decoded), (std::vector<int>{255, 1, 1, 255, 255, 1, 1, 255}));
}

TEST(mask, other_outputs_are_refused) {
  EXPECT_EQ(message(run_decoder("mask", {{"y", tensor_f32({1, 1, 1, 2}, {0, 3})}}, 1, 2)),
            "decoder mask: output \"y\" holds 3, one map of probabilities between 0 and 1 is expected");
  EXPECT_EQ(message(run_decoder("mask", {{"y", filled({1, 300, 2, 2}, 0)}}, 2)),
            "decoder mask: output \"y\" has 300 classes, at most 255 are possible");
  EXPECT_EQ(message(run_decoder("mask", {{"y", filled({1, 1, 9, 2}, 0)}}, 2)),
            "decoder mask: output \"y\" is 1x1x9x2, which is no map over the input of 2 x 2 pixels: height and width "
            "differ in proportion");
  EXPECT_FALSE(run_decoder("mask", {{"y", Tensor(DataType::f32, {1, 0, 2, 2})}}, 2).ok());
  EXPECT_FALSE(run_decoder("mask", {{"y", filled({7}, 0)}}, 2).ok());
  EXPECT_FALSE(run_decoder("mask", {}, 2).ok());
}

}  // namespace
}  // namespace espalier
