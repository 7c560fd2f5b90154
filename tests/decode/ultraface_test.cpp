// Default boxes of known places; the number of boxes follows from the input's size.
#include <gtest/gtest.h>

#include <cmath>

#include "decode/run_decoder.h"

namespace espalier {
namespace {

// The network's own input, 240 x 320: 30 x 40 x 3 + 15 x 20 x 2 + 8 x 10 x 2 + 4 x 5 x 3 boxes.
constexpr int64_t kCount = 4420;

Result<Decoded> decode_one(int64_t box, const std::vector<float>& values, float score = 0.75f) {
  Tensor scores = filled({1, kCount, 2}, 0);
  Tensor boxes = filled({1, kCount, 4}, 0);
  put(scores, 2 * box, {1 - score, score});
  put(boxes, 4 * box, values);
  return run_decoder("ultraface", {{"scores", scores}, {"boxes", boxes}}, 240, 320);
}

TEST(ultraface, zeros_give_the_default_box) {
  // Stride 16, row 1, column 2, the second square: 48 pixels around (40, 24), cut off at the top left.
  const Result<Decoded> decoded = decode_one(3600 + (1 * 20 + 2) * 2 + 1, {0, 0, 0, 0});
  ASSERT_TRUE(decoded.ok()) << decoded.error().message();
  ASSERT_EQ(decoded->detections.size(), 1u);
  const Detection& face = decoded->detections[0];
  EXPECT_FLOAT_EQ(face.left, 16);
  EXPECT_FLOAT_EQ(face.right, 64);
  EXPECT_FLOAT_EQ(face.top, 0);
  EXPECT_FLOAT_EQ(face.bottom, 48);
  EXPECT_FLOAT_EQ(face.score, 0.75f);
}

TEST(ultraface, values_move_and_stretch_the_default_box) {
  // Stride 8, row 5, column 6, the first square: 10 pixels around (52, 44); one side to the right, e times as high.
  const Result<Decoded> decoded = decode_one((5 * 40 + 6) * 3, {10, 0, 0, 5});
  const Detection& face = decoded->detections[0];
  EXPECT_FLOAT_EQ(face.left, 57);
  EXPECT_FLOAT_EQ(face.right, 67);
  EXPECT_NEAR(face.top, 44 - 5 * std::exp(1.0f), 1e-4f);
  EXPECT_NEAR(face.bottom, 44 + 5 * std::exp(1.0f), 1e-4f);
}

TEST(ultraface, default_boxes_are_no_larger_than_the_input) {
  // The last box: stride 64, row 3, column 4, 256 pixels wide but only 240 high, around (288, 224).
  const Result<Decoded> decoded = decode_one(kCount - 1, {0, 0, 0, 0});
  const Detection& face = decoded->detections[0];
  EXPECT_FLOAT_EQ(face.left, 288 - 128);
  EXPECT_FLOAT_EQ(face.top, 224 - 120);
}

TEST(ultraface, wild_values_stay_inside_and_low_scores_are_dropped) {
  EXPECT_EQ(decode_one(0, {0, 0, 1e9f, 1e9f})->detections[0].right, 320);
  EXPECT_TRUE(decode_one(0, {0, 0, 0, 0}, 0.25f)->detections.empty());
}

TEST(ultraface, other_shapes_are_refused_with_what_is_expected) {
  EXPECT_EQ(message(run_decoder("ultraface", {{"scores", filled({1, kCount, 2}, 0)}, {"boxes", filled({1, 9, 4}, 0)}},
                                240, 320)),
            "decoder ultraface: there is no output 1x4420x4 for the boxes, which an input of 240 x 320 pixels needs; "
            "the network has \"scores\" 1x4420x2, \"boxes\" 1x9x4");
}

}  // namespace
}  // namespace espalier
