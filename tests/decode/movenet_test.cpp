// One body by four heads: the guess of regress decides between two equally hot cells.
#include <gtest/gtest.h>

#include "decode/run_decoder.h"

namespace espalier {
namespace {

constexpr int64_t kCells = 8;
constexpr int64_t kPlane = kCells * kCells;
constexpr int64_t kSize = 32;  // a stride of 4

int64_t cell(int64_t y, int64_t x) { return y * kCells + x; }

// Two key points. The body is at (4, 4); key point 0 is hot at (1, 1) and at (6, 6), and regress points near (6, 6);
// key point 1 is hot at (2, 5) with an offset of a quarter down and a half to the right.
std::vector<NamedTensor> one_body() {
  Tensor heat = filled({1, 2, kCells, kCells}, -20);
  Tensor regress = filled({1, 4, kCells, kCells}, 0);
  Tensor center = filled({1, 1, kCells, kCells}, -20);
  Tensor offset = filled({1, 4, kCells, kCells}, 0);
  put(center, cell(4, 4), {2});
  put(heat, cell(1, 1), {1});
  put(heat, cell(6, 6), {1});
  put(regress, cell(4, 4), {1.5f});
  put(regress, kPlane + cell(4, 4), {2.5f});
  put(heat, kPlane + cell(2, 5), {0});
  put(offset, 2 * kPlane + cell(2, 5), {0.25f});
  put(offset, 3 * kPlane + cell(2, 5), {0.5f});
  return {{"heatmap", heat}, {"regress", regress}, {"center", center}, {"offset", offset}};
}

TEST(movenet, key_points_are_near_their_guess_and_moved_by_the_offset) {
  const Result<Decoded> decoded = run_decoder("movenet", one_body(), kSize);
  ASSERT_TRUE(decoded.ok()) << decoded.error().message();
  ASSERT_EQ(decoded->poses.size(), 1u);
  const std::vector<KeyPoint>& points = decoded->poses[0].key_points;
  ASSERT_EQ(points.size(), 2u);
  EXPECT_FLOAT_EQ(points[0].x, 24);
  EXPECT_FLOAT_EQ(points[0].y, 24);
  EXPECT_NEAR(points[0].score, 0.7310586f, 1e-6f);
  EXPECT_FLOAT_EQ(points[1].x, 5.5f * 4);
  EXPECT_FLOAT_EQ(points[1].y, 2.25f * 4);
  EXPECT_FLOAT_EQ(points[1].score, 0.5f);
  EXPECT_NEAR(decoded->poses[0].score, (0.7310586f + 0.5f) / 2, 1e-6f);
}

TEST(movenet, channels_last_reads_the_same) {
  std::vector<NamedTensor> outputs = one_body();
  for (NamedTensor& output : outputs) {
    const int64_t channels = output.tensor.shape()[1];
    Tensor turned(DataType::f32, {1, kCells, kCells, channels});
    for (int64_t c = 0; c < channels; ++c)
      for (int64_t i = 0; i < kPlane; ++i)
        turned.mutable_data<float>()[i * channels + c] = output.tensor.data<float>()[c * kPlane + i];
    output.tensor = turned;
  }
  EXPECT_FLOAT_EQ(run_decoder("movenet", outputs, kSize)->poses[0].key_points[1].x, 5.5f * 4);
}

TEST(movenet, without_anything_hot_there_is_no_body) {
  std::vector<NamedTensor> outputs = one_body();
  outputs[0].tensor = filled({1, 2, kCells, kCells}, -20);
  EXPECT_TRUE(run_decoder("movenet", outputs, kSize)->poses.empty());
}

TEST(movenet, wild_guesses_and_offsets_do_no_harm) {
  std::vector<NamedTensor> outputs = one_body();
  put(outputs[1].tensor, cell(4, 4), {1e38f});
  EXPECT_TRUE(run_decoder("movenet", outputs, kSize).ok());
  put(outputs[3].tensor, 2 * kPlane + cell(2, 5), {3e38f});
  EXPECT_EQ(message(run_decoder("movenet", outputs, kSize)), "decoder movenet: key point 1 lies infinitely far away");
}

TEST(movenet, other_outputs_are_refused_with_what_is_expected) {
  std::vector<NamedTensor> outputs = one_body();
  outputs.pop_back();
  EXPECT_NE(message(run_decoder("movenet", outputs, kSize)).find("regress (2K), centre (1), offset (2K)"),
            std::string::npos);
  outputs.push_back({"offset", filled({1, 6, kCells, kCells}, 0)});
  EXPECT_FALSE(run_decoder("movenet", outputs, kSize).ok());
  outputs.back() = {"offset", filled({1, 4, 4, 4}, 0)};
  EXPECT_FALSE(run_decoder("movenet", outputs, kSize).ok());
  outputs.back() = {"offset", filled({1, 4, 8, 5}, 0)};
  EXPECT_NE(message(run_decoder("movenet", outputs, kSize)).find("differ in proportion"), std::string::npos);
}

}  // namespace
}  // namespace espalier
