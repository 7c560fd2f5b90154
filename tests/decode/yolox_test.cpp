// One box at a known cell, mapped through a letterbox; shapes that do not fit.
#include <gtest/gtest.h>

#include <cmath>

#include "decode/run_decoder.h"

namespace espalier {
namespace {

constexpr int64_t kSize = 64;  // 8 x 8, 4 x 4 and 2 x 2 cells
constexpr int64_t kCells = 64 + 16 + 4;
constexpr int64_t kValues = 5 + 2;  // two classes

// All zero but one cell: centre offset (0.5, 0.25), size exp(0) and exp(log 2), objectness 0.5, class 1 with 0.8.
Tensor one_box(int64_t cell) {
  Tensor output(DataType::f32, {1, kCells, kValues});
  const float values[] = {0.5f, 0.25f, 0, std::log(2.0f), 0.5f, 0.1f, 0.8f};
  std::copy(values, values + kValues, output.mutable_data<float>() + cell * kValues);
  return output;
}

TEST(yolox, a_cell_of_each_stride_gives_its_box) {
  // Row 1, column 2 of each grid.
  const int64_t cells[] = {8 + 2, 64 + 4 + 2};
  const float strides[] = {8, 16};
  for (int i = 0; i < 2; ++i) {
    const Result<Decoded> decoded = run_decoder("yolox", {{"out", one_box(cells[i])}}, kSize);
    ASSERT_TRUE(decoded.ok()) << decoded.error().message();
    ASSERT_EQ(decoded->detections.size(), 1u);
    const Detection& box = decoded->detections[0];
    const float stride = strides[i];
    EXPECT_FLOAT_EQ(box.left, (2.5f - 0.5f) * stride);
    EXPECT_FLOAT_EQ(box.right, (2.5f + 0.5f) * stride);
    EXPECT_FLOAT_EQ(box.top, (1.25f - 1) * stride);
    EXPECT_FLOAT_EQ(box.bottom, (1.25f + 1) * stride);
    EXPECT_FLOAT_EQ(box.score, 0.4f);
    EXPECT_EQ(box.class_index, 1);
  }
}

TEST(yolox, boxes_are_mapped_to_the_picture_and_clipped) {
  const Geometry geometry = {
      .scale_x = 0.5, .scale_y = 0.5, .offset_x = 10, .offset_y = 4, .picture_height = 30, .picture_width = 100};
  const std::vector<NamedTensor> outputs = {{"out", one_box(8 + 2)}};
  const Result<Decoded> decoded =
      decode(**find_decoder("yolox"),
             {.outputs = outputs, .geometry = geometry, .input_height = kSize, .input_width = kSize, .options = {}});
  ASSERT_EQ(decoded->detections.size(), 1u);
  EXPECT_FLOAT_EQ(decoded->detections[0].left, (16 - 10) * 2);
  EXPECT_FLOAT_EQ(decoded->detections[0].top, 0);
  EXPECT_FLOAT_EQ(decoded->detections[0].bottom, (18 - 4) * 2);
}

TEST(yolox, scores_below_the_threshold_give_no_box_and_huge_ones_stay_inside) {
  EXPECT_TRUE(run_decoder("yolox", {{"out", one_box(3)}}, kSize, {.score_threshold = 0.41f})->detections.empty());
  Tensor huge = one_box(3);
  huge.mutable_data<float>()[3 * kValues + 2] = 1000;
  EXPECT_EQ(run_decoder("yolox", {{"out", huge}}, kSize)->detections[0].right, kSize);
}

TEST(yolox, other_shapes_are_refused_with_what_is_expected) {
  EXPECT_EQ(message(run_decoder("yolox", {{"out", Tensor(DataType::f32, {1, 83, 7})}}, kSize)),
            "decoder yolox: output \"out\" is 1x83x7, 1x84x(5 + classes) is expected for an input of 64 x 64 "
            "pixels");
  EXPECT_FALSE(run_decoder("yolox", {{"out", Tensor(DataType::f32, {1, 84, 5})}}, kSize).ok());
  EXPECT_FALSE(run_decoder("yolox", {{"out", Tensor(DataType::f32, {84, 7})}}, kSize).ok());
  EXPECT_EQ(message(run_decoder("yolox", {}, kSize)), "decoder yolox: the network has 0 outputs, one is expected");
  EXPECT_EQ(message(run_decoder("yolox", {}, 60)),
            "decoder yolox: the input is 60 x 60 pixels; both must be multiples of 32, the largest stride");
}

}  // namespace
}  // namespace espalier
