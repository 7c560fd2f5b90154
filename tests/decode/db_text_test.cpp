// Regions of a map become quads that are grown back; what is too small or too faint is no text.
#include <gtest/gtest.h>

#include "decode/run_decoder.h"

namespace espalier {
namespace {

Tensor with_rectangle(int64_t top, int64_t left, int64_t height, int64_t width, float value = 0.9f) {
  Tensor map = filled({1, 1, 64, 64}, 0);
  for (int64_t y = top; y < top + height; ++y)
    put(map, y * 64 + left, std::vector<float>(static_cast<size_t>(width), value));
  return map;
}

TEST(db_text, a_region_grows_by_its_area_over_its_perimeter) {
  const Result<Decoded> decoded = run_decoder("db_text", {{"map", with_rectangle(20, 10, 4, 12)}}, 64);
  ASSERT_TRUE(decoded.ok()) << decoded.error().message();
  ASSERT_EQ(decoded->text_boxes.size(), 1u);
  const TextBox& box = decoded->text_boxes[0];
  EXPECT_NEAR(box.score, 0.9f, 1e-6f);
  const float grown = 1.5f * 48 / 32;
  EXPECT_NEAR(box.corners[0].x, 10 - grown, 1e-4f);
  EXPECT_NEAR(box.corners[0].y, 20 - grown, 1e-4f);
  EXPECT_NEAR(box.corners[1].x, 22 + grown, 1e-4f);
  EXPECT_NEAR(box.corners[1].y, 20 - grown, 1e-4f);
  EXPECT_NEAR(box.corners[2].x, 22 + grown, 1e-4f);
  EXPECT_NEAR(box.corners[2].y, 24 + grown, 1e-4f);
  EXPECT_NEAR(box.corners[3].x, 10 - grown, 1e-4f);
  EXPECT_NEAR(box.corners[3].y, 24 + grown, 1e-4f);
}

TEST(db_text, a_turned_region_gives_a_turned_quad) {
  Tensor map = filled({64, 64}, 0);  // two dimensions will do
  for (int64_t along = 0; along < 30; ++along) put(map, (15 + along) * 64 + 10 + along, std::vector<float>(8, 0.9f));
  const Result<Decoded> decoded = run_decoder("db_text", {{"map", map}}, 64);
  ASSERT_EQ(decoded->text_boxes.size(), 1u);
  const std::array<Point, 4>& corners = decoded->text_boxes[0].corners;
  // From top left to top right the line falls by as much as it goes right.
  EXPECT_NEAR(corners[1].y - corners[0].y, corners[1].x - corners[0].x, 1.5f);
  EXPECT_GT(corners[1].x - corners[0].x, 25);
}

TEST(db_text, regions_that_touch_at_a_corner_are_one) {
  Tensor map = with_rectangle(10, 10, 5, 5);
  const Tensor other = with_rectangle(15, 15, 5, 5);
  for (int64_t i = 0; i < map.count(); ++i) map.mutable_data<float>()[i] += other.data<float>()[i];
  // Half of the rectangle around both is empty, so the score is low.
  EXPECT_EQ(run_decoder("db_text", {{"map", map}}, 64, {.score_threshold = 0.4f})->text_boxes.size(), 1u);
}

TEST(db_text, small_faint_and_absent_text_is_none) {
  EXPECT_TRUE(run_decoder("db_text", {{"map", with_rectangle(20, 10, 2, 12)}}, 64)->text_boxes.empty());
  EXPECT_TRUE(run_decoder("db_text", {{"map", with_rectangle(20, 10, 4, 12, 0.5f)}}, 64)->text_boxes.empty());
  EXPECT_TRUE(run_decoder("db_text", {{"map", filled({1, 1, 64, 64}, 0)}}, 64)->text_boxes.empty());
}

TEST(db_text, a_map_full_of_text_is_one_box_inside_the_picture) {
  const Result<Decoded> decoded = run_decoder("db_text", {{"map", filled({1, 64, 64, 1}, 1)}}, 128);
  ASSERT_EQ(decoded->text_boxes.size(), 1u);
  EXPECT_EQ(decoded->text_boxes[0].corners[2].x, 128);
}

TEST(db_text, the_best_boxes_stay_where_there_are_too_many) {
  Tensor map = with_rectangle(2, 2, 5, 5, 0.7f);
  const Tensor other = with_rectangle(40, 40, 5, 5, 0.9f);
  for (int64_t i = 0; i < map.count(); ++i) map.mutable_data<float>()[i] += other.data<float>()[i];
  const Result<Decoded> decoded = run_decoder("db_text", {{"map", map}}, 64, {.detection_count_max = 1});
  ASSERT_EQ(decoded->text_boxes.size(), 1u);
  EXPECT_NEAR(decoded->text_boxes[0].score, 0.9f, 1e-6f);
}

TEST(db_text, other_outputs_are_refused) {
  EXPECT_EQ(message(run_decoder("db_text", {{"map", filled({1, 2, 64, 64}, 0)}}, 64)),
            "decoder db_text: output \"map\" has 2 maps, one of probabilities is expected");
  EXPECT_FALSE(run_decoder("db_text", {{"map", filled({64}, 0)}}, 64).ok());
  EXPECT_FALSE(run_decoder("db_text", {}, 64).ok());
}

}  // namespace
}  // namespace espalier
