// One face at a known cell with its key points; outputs in any order; what is missing.
#include <gtest/gtest.h>

#include <cmath>

#include "decode/run_decoder.h"

namespace espalier {
namespace {

constexpr int64_t kSize = 64;  // 8 x 8, 4 x 4 and 2 x 2 cells

// Everything zero; a score of 0 is below every threshold.
std::vector<NamedTensor> no_face() {
  std::vector<NamedTensor> outputs;
  for (const int64_t values : {1, 1, 4, 10})
    for (const int64_t cells : {64, 16, 4})
      outputs.push_back({fmt::format("{}_{}", values, cells), filled({1, cells, values}, 0)});
  return outputs;
}

// Row 1, column 2 of stride 16: class 0.81, objectness 1, centre offset (0.5, 0.25), width 1 and height 2 strides.
std::vector<NamedTensor> one_face() {
  std::vector<NamedTensor> outputs = no_face();
  put(outputs[1].tensor, 6, {0.81f});
  put(outputs[4].tensor, 6, {1.0f});
  put(outputs[7].tensor, 6 * 4, {0.5f, 0.25f, 0, std::log(2.0f)});
  put(outputs[10].tensor, 6 * 10, {0, 0, 1, 0, 0.5f, 0.5f, 0, 1, 1, 1});
  return outputs;
}

TEST(yunet, a_cell_gives_its_face_and_its_key_points) {
  const Result<Decoded> decoded = run_decoder("yunet", one_face(), kSize);
  ASSERT_TRUE(decoded.ok()) << decoded.error().message();
  ASSERT_EQ(decoded->detections.size(), 1u);
  const Detection& face = decoded->detections[0];
  EXPECT_FLOAT_EQ(face.score, 0.9f);
  EXPECT_FLOAT_EQ(face.left, 32);
  EXPECT_FLOAT_EQ(face.right, 48);
  EXPECT_FLOAT_EQ(face.top, 4);
  EXPECT_FLOAT_EQ(face.bottom, 36);
  ASSERT_EQ(face.key_points.size(), 5u);
  EXPECT_FLOAT_EQ(face.key_points[2].x, 2.5f * 16);
  EXPECT_FLOAT_EQ(face.key_points[2].y, 1.5f * 16);
  EXPECT_FLOAT_EQ(face.key_points[3].x, 2 * 16);
  EXPECT_FLOAT_EQ(face.key_points[3].y, 2 * 16);
}

TEST(yunet, the_order_of_the_outputs_does_not_matter) {
  std::vector<NamedTensor> outputs = one_face();
  std::reverse(outputs.begin(), outputs.end());
  EXPECT_EQ(run_decoder("yunet", outputs, kSize)->detections.size(), 1u);
}

TEST(yunet, key_points_are_mapped_to_the_picture) {
  const std::vector<NamedTensor> outputs = one_face();
  const Geometry geometry = {
      .scale_x = 0.5, .scale_y = 0.25, .offset_x = 8, .offset_y = 4, .picture_height = 200, .picture_width = 100};
  const Result<Decoded> decoded = decode(
      **find_decoder("yunet"), {.outputs = outputs, .geometry = geometry, .input_height = kSize, .input_width = kSize});
  ASSERT_TRUE(decoded.ok()) << decoded.error().message();
  EXPECT_FLOAT_EQ(decoded->detections[0].key_points[0].x, (32 - 8) * 2);
  EXPECT_FLOAT_EQ(decoded->detections[0].key_points[0].y, (16 - 4) * 4);
}

TEST(yunet, quiet_outputs_and_scores_beyond_one_are_no_error) {
  EXPECT_TRUE(run_decoder("yunet", no_face(), kSize)->detections.empty());
  std::vector<NamedTensor> outputs = one_face();
  put(outputs[1].tensor, 6, {7});
  put(outputs[4].tensor, 7, {-3});
  EXPECT_EQ(run_decoder("yunet", outputs, kSize)->detections[0].score, 1);
}

TEST(yunet, a_missing_output_and_an_odd_input_are_named) {
  std::vector<NamedTensor> outputs = one_face();
  outputs.pop_back();
  EXPECT_NE(
      message(run_decoder("yunet", outputs, kSize))
          .find("decoder yunet: there is no output 1x4x10 for the key points of stride 32, which an input of 64 x "
                "64 pixels needs; the network has \"1_64\" 1x64x1"),
      std::string::npos)
      << message(run_decoder("yunet", outputs, kSize));
  EXPECT_NE(message(run_decoder("yunet", {}, kSize)).find("the network has no output"), std::string::npos);
  EXPECT_EQ(message(run_decoder("yunet", one_face(), 65)),
            "decoder yunet: the input is 65 x 65 pixels; both must be multiples of 32, the largest stride");
}

}  // namespace
}  // namespace espalier
