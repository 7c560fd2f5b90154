// One box per stride; shapes that do not fit.
#include <gtest/gtest.h>

#include "decode/run_decoder.h"

namespace espalier {
namespace {

// Class scores of -10 everywhere, but one cell with distances 1, 0.5, 2, 1.5 and class `class_index` at score 2.
Tensor one_box(int64_t grid, int64_t class_count, int64_t y, int64_t x, int64_t class_index) {
  Tensor output(DataType::f32, {1, 4 + class_count, grid, grid});
  float* values = output.mutable_data<float>();
  const int64_t plane = grid * grid;
  std::fill(values + 4 * plane, values + output.count(), -10.0f);
  const float distances[] = {1, 0.5f, 2, 1.5f};
  for (int64_t channel = 0; channel < 4; ++channel) values[channel * plane + y * grid + x] = distances[channel];
  values[(4 + class_index) * plane + y * grid + x] = 2;
  return output;
}

TEST(fcos, each_output_has_its_stride) {
  const Result<Decoded> decoded =
      run_decoder("fcos", {{"p3", one_box(8, 3, 2, 3, 1)}, {"p4", one_box(4, 3, 1, 1, 2)}}, 64);
  ASSERT_TRUE(decoded.ok()) << decoded.error().message();
  ASSERT_EQ(decoded->detections.size(), 2u);
  const Detection& small = decoded->detections[0];
  EXPECT_FLOAT_EQ(small.left, 3.5f * 8 - 8);
  EXPECT_FLOAT_EQ(small.top, 2.5f * 8 - 4);
  EXPECT_FLOAT_EQ(small.right, 3.5f * 8 + 16);
  EXPECT_FLOAT_EQ(small.bottom, 2.5f * 8 + 12);
  EXPECT_NEAR(small.score, 0.8807971f, 1e-6f);  // sigmoid(2)
  EXPECT_EQ(small.class_index, 1);
  EXPECT_FLOAT_EQ(decoded->detections[1].left, 1.5f * 16 - 16);
  EXPECT_EQ(decoded->detections[1].class_index, 2);
}

TEST(fcos, other_shapes_are_refused_with_what_is_found) {
  EXPECT_EQ(message(run_decoder("fcos", {}, 64)),
            "decoder fcos: the network has no output, one 1x(4 + classes)xHxW per stride is expected");
  EXPECT_EQ(message(run_decoder("fcos", {{"p3", Tensor(DataType::f32, {1, 4, 8, 8})}}, 64)),
            "decoder fcos: output \"p3\" is 1x4x8x8, 1x(4 + classes)xHxW is expected");
  EXPECT_EQ(message(run_decoder("fcos", {{"p3", Tensor(DataType::f32, {1, 6, 8, 4})}}, 64)),
            "decoder fcos: output \"p3\" has a grid of 8 x 4 cells, which does not divide the input of 64 x "
            "64 pixels by one stride");
  EXPECT_EQ(message(run_decoder("fcos", {{"p3", one_box(8, 3, 0, 0, 0)}, {"p4", one_box(4, 2, 0, 0, 0)}}, 64)),
            "decoder fcos: output \"p4\" has 6 channels, \"p3\" has 7; all must have 4 + classes");
}

}  // namespace
}  // namespace espalier
