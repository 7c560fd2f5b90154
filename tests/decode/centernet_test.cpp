// Peaks of a heat map become boxes; plateaus become one; shapes that do not fit.
#include <gtest/gtest.h>

#include "decode/run_decoder.h"

namespace espalier {
namespace {

constexpr int64_t kSize = 32;  // 8 x 8 cells of 4 pixels
constexpr int64_t kPlane = 64;

TEST(centernet, a_peak_gives_a_box_of_distances) {
  Tensor heat = filled({1, 3, 8, 8}, 0);
  Tensor distances = filled({1, 4, 8, 8}, 0);
  const int64_t cell = 2 * 8 + 5;
  put(heat, kPlane + cell, {0.5f});
  put(heat, kPlane + cell + 1, {0.4f});  // a neighbour of the peak, above the threshold
  for (int64_t side = 0; side < 4; ++side) put(distances, side * kPlane + cell, {static_cast<float>(side + 1)});
  for (const bool heat_first : {true, false}) {
    std::vector<NamedTensor> outputs = {{"heat", heat}, {"distances", distances}};
    if (!heat_first) std::swap(outputs[0], outputs[1]);
    const Result<Decoded> decoded = run_decoder("centernet", outputs, kSize);
    ASSERT_TRUE(decoded.ok()) << decoded.error().message();
    ASSERT_EQ(decoded->detections.size(), 1u);
    const Detection& box = decoded->detections[0];
    EXPECT_EQ(box.class_index, 1);
    EXPECT_FLOAT_EQ(box.left, 20 - 1);
    EXPECT_FLOAT_EQ(box.top, 8 - 2);
    EXPECT_FLOAT_EQ(box.right, 20 + 3);
    EXPECT_FLOAT_EQ(box.bottom, 8 + 4);
  }
}

TEST(centernet, a_plateau_is_one_object) {
  Tensor heat = filled({1, 1, 8, 8}, 0);
  put(heat, 3 * 8 + 3, {0.5f, 0.5f});
  const Result<Decoded> decoded =
      run_decoder("centernet", {{"heat", heat}, {"distances", filled({1, 4, 8, 8}, 8)}}, kSize);
  EXPECT_EQ(decoded->detections.size(), 1u);
}

TEST(centernet, other_outputs_are_refused_with_what_is_expected) {
  const NamedTensor heat = {"heat", filled({1, 3, 8, 8}, 0)};
  EXPECT_EQ(message(run_decoder("centernet", {heat}, kSize)),
            "decoder centernet: two outputs, a heat map and four maps of distances, are expected; the network has "
            "\"heat\" 1x3x8x8");
  EXPECT_NE(message(run_decoder("centernet", {heat, {"size", filled({1, 2, 8, 8}, 0)}}, kSize)).find("of one size"),
            std::string::npos);
  EXPECT_NE(message(run_decoder("centernet", {heat, {"d", filled({1, 4, 4, 4}, 0)}}, kSize)).find("of one size"),
            std::string::npos);
}

}  // namespace
}  // namespace espalier
