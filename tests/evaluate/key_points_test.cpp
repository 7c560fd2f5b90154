// Distances are measured by the body's longer side; the best pose counts; hidden points do not.
#include "evaluate/key_points.h"

#include <gtest/gtest.h>

#include <cmath>

namespace espalier {
namespace {

// A body 50 wide and 100 high: a tenth of its size is 10 pixels.
LabelledBody body(const std::vector<LabelledPoint>& points) {
  return {{.class_index = 0, .left = 0, .top = 0, .right = 50, .bottom = 100}, points};
}

TEST(key_points, a_point_is_right_within_a_share_of_the_size) {
  const PosedImage image = {{body({{20, 20, true}, {20, 20, true}, {20, 20, true}})},
                            {{.key_points = {{26, 28, 1}, {30.1f, 20, 1}, {NAN, 0, 1}}, .score = 1}}};
  const KeyPointCounts counts = correct_key_points(image, 0.1);
  EXPECT_EQ(counts.right, 1);
  EXPECT_EQ(counts.labelled, 3);
}

TEST(key_points, points_without_a_label_do_not_count) {
  const PosedImage image = {{body({{20, 20, true}, {0, 0, false}})}, {{.key_points = {{20, 20, 1}, {0, 0, 1}}}}};
  EXPECT_EQ(correct_key_points(image, 0.1).right, 1);
  EXPECT_EQ(correct_key_points(image, 0.1).labelled, 1);
}

TEST(key_points, each_body_has_the_pose_that_fits_it_best) {
  const PosedImage image = {{body({{10, 10, true}}), body({{40, 90, true}})},
                            {{.key_points = {{41, 91, 1}}}, {.key_points = {{11, 11, 1}}}}};
  EXPECT_EQ(correct_key_points(image, 0.1).right, 2);
}

TEST(key_points, without_a_pose_all_points_are_wrong) {
  const KeyPointCounts counts = correct_key_points({{body({{10, 10, true}})}, {}}, 0.1);
  EXPECT_EQ(counts.right, 0);
  EXPECT_EQ(counts.labelled, 1);
}

}  // namespace
}  // namespace espalier
