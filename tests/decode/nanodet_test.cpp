// Distances as means over bins; scores come before distances; shapes that do not fit.
#include <gtest/gtest.h>

#include "decode/run_decoder.h"

namespace espalier {
namespace {

constexpr int64_t kSize = 64;
constexpr int64_t kClasses = 8;  // as many as bins of two sides, so that shapes alone do not tell scores from distances
constexpr int64_t kBins = 2;

std::vector<NamedTensor> no_box() {
  std::vector<NamedTensor> outputs;
  for (const int64_t cells : {64, 16, 4}) outputs.push_back({"scores", filled({1, cells, kClasses}, 0)});
  for (const int64_t cells : {64, 16, 4}) outputs.push_back({"distances", filled({1, cells, 4 * kBins}, 0)});
  return outputs;
}

TEST(nanodet, distances_are_expected_bins_in_strides) {
  std::vector<NamedTensor> outputs = no_box();
  // Row 1, column 2 of stride 16, class 3. Equal bins are half a stride; a large second bin is a whole one.
  put(outputs[1].tensor, 6 * kClasses, {0, 0, 0, 0.75f});
  put(outputs[4].tensor, 6 * 4 * kBins, {5, 5, 0, 1000, -90, -90, 1000, 0});
  const Result<Decoded> decoded = run_decoder("nanodet", outputs, kSize);
  ASSERT_TRUE(decoded.ok()) << decoded.error().message();
  ASSERT_EQ(decoded->detections.size(), 1u);
  const Detection& box = decoded->detections[0];
  EXPECT_EQ(box.class_index, 3);
  EXPECT_FLOAT_EQ(box.score, 0.75f);
  EXPECT_FLOAT_EQ(box.left, 40 - 8);
  EXPECT_FLOAT_EQ(box.top, 24 - 16);
  EXPECT_FLOAT_EQ(box.right, 40 + 8);
  EXPECT_FLOAT_EQ(box.bottom, 24);
}

TEST(nanodet, quiet_outputs_give_no_box) { EXPECT_TRUE(run_decoder("nanodet", no_box(), kSize)->detections.empty()); }

TEST(nanodet, other_shapes_are_refused_with_what_is_expected) {
  std::vector<NamedTensor> outputs = no_box();
  outputs.pop_back();
  EXPECT_NE(message(run_decoder("nanodet", outputs, kSize))
                .find("two outputs 1x4x(classes) and 1x4x(4 * bins) are expected for stride 32; the network has"),
            std::string::npos);
  outputs.push_back({"distances", filled({1, 4, 7}, 0)});
  EXPECT_EQ(message(run_decoder("nanodet", outputs, kSize)),
            "decoder nanodet: the output of distances of stride 32 is 1x4x7, 1x4x(4 * bins) with 2 bins or more is "
            "expected");
  EXPECT_FALSE(run_decoder("nanodet", no_box(), 60).ok());
}

}  // namespace
}  // namespace espalier
