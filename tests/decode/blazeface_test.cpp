// Anchors of both families of networks, boxes relative to them, and what is no such network.
#include <gtest/gtest.h>

#include "decode/run_decoder.h"

namespace espalier {
namespace {

constexpr int64_t kCount = 896;

std::vector<NamedTensor> one_face(int64_t anchor) {
  Tensor scores = filled({1, kCount, 1}, -100);
  Tensor values = filled({1, kCount, 16}, 0);
  put(scores, anchor, {0});
  put(values, 16 * anchor, {1, 2, 20, 10, 3, 4});
  return {{"classificators", scores}, {"regressors", values}};
}

TEST(blazeface, a_box_is_relative_to_its_anchor) {
  // Short range, 128 x 128: row 7, column 6 of 16 x 16 cells of 8 pixels, the second anchor: centre (52, 60).
  const Result<Decoded> decoded = run_decoder("blazeface", one_face((7 * 16 + 6) * 2 + 1), 128);
  ASSERT_TRUE(decoded.ok()) << decoded.error().message();
  ASSERT_EQ(decoded->detections.size(), 1u);
  const Detection& face = decoded->detections[0];
  EXPECT_FLOAT_EQ(face.score, 0.5f);
  EXPECT_FLOAT_EQ(face.left, 53 - 10);
  EXPECT_FLOAT_EQ(face.right, 53 + 10);
  EXPECT_FLOAT_EQ(face.top, 62 - 5);
  EXPECT_FLOAT_EQ(face.bottom, 62 + 5);
  ASSERT_EQ(face.key_points.size(), 6u);
  EXPECT_FLOAT_EQ(face.key_points[0].x, 55);
  EXPECT_FLOAT_EQ(face.key_points[0].y, 64);
  EXPECT_FLOAT_EQ(face.key_points[5].x, 52);
}

TEST(blazeface, six_anchors_share_a_cell_of_the_second_stride) {
  // Row 1, column 1 of 8 x 8 cells of 16 pixels, the last anchor: centre (24, 24).
  const Result<Decoded> decoded = run_decoder("blazeface", one_face(512 + (8 + 1) * 6 + 5), 128);
  EXPECT_FLOAT_EQ(decoded->detections[0].left, 25 - 10);
}

TEST(blazeface, twice_the_input_has_twice_the_strides) {
  const Result<Decoded> decoded = run_decoder("blazeface", one_face((7 * 16 + 6) * 2), 256);
  EXPECT_FLOAT_EQ(decoded->detections[0].left, 104 + 1 - 10);
}

TEST(blazeface, other_shapes_are_refused_with_what_is_expected) {
  EXPECT_EQ(
      message(run_decoder("blazeface", {{"y", filled({1, 895, 16}, 0)}}, 128)),
      "decoder blazeface: no output is 1 x anchors x 16 with the anchors of an input of 128 x 128 pixels, strides "
      "8 and 16 or 16 and 32; the network has \"y\" 1x895x16");
  EXPECT_FALSE(run_decoder("blazeface", one_face(0), 120).ok());
  EXPECT_FALSE(run_decoder("blazeface", {one_face(0)[1]}, 128).ok()) << "no scores";
}

}  // namespace
}  // namespace espalier
