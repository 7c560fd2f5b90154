// Which boxes stay.
#include "decode/nms.h"

#include <gtest/gtest.h>

namespace espalier {
namespace {

Detection box(float left, float right, float score, int64_t class_index = 0) {
  return {.left = left, .top = 0, .right = right, .bottom = 1, .score = score, .class_index = class_index};
}

std::vector<float> lefts(const std::vector<Detection>& detections) {
  std::vector<float> values;
  for (const Detection& detection : detections) values.push_back(detection.left);
  return values;
}

TEST(nms, overlap_is_shared_area_over_joint_area) {
  EXPECT_FLOAT_EQ(intersection_over_union(box(0, 4, 1), box(2, 6, 1)), 2.0f / 6);
  EXPECT_EQ(intersection_over_union(box(0, 1, 1), box(1, 2, 1)), 0);
  EXPECT_EQ(intersection_over_union(box(1, 1, 1), box(1, 1, 1)), 0);
  EXPECT_EQ(intersection_over_union(box(0, 3, 1), box(0, 3, 1)), 1);
}

TEST(nms, a_worse_box_goes_only_beyond_the_threshold_and_in_its_class) {
  // Overlap of the first two: 8 / 12; exactly the threshold stays.
  const std::vector<Detection> two = {box(2, 12, 0.5f), box(0, 10, 0.9f)};
  EXPECT_EQ(lefts(suppress_overlaps(two, {.iou_threshold = 0.5f})), (std::vector<float>{0}));
  EXPECT_EQ(lefts(suppress_overlaps(two, {.iou_threshold = 8.0f / 12})), (std::vector<float>{0, 2}));
  EXPECT_EQ(suppress_overlaps({box(0, 10, 0.9f, 0), box(0, 10, 0.5f, 1)}, {}).size(), 2u);
}

TEST(nms, a_suppressed_box_suppresses_nothing) {
  EXPECT_EQ(lefts(suppress_overlaps({box(0, 10, 0.9f), box(3, 13, 0.8f), box(6, 16, 0.7f)}, {.iou_threshold = 0.5f})),
            (std::vector<float>{0, 6}));
}

TEST(nms, order_is_score_then_place_and_the_count_is_limited) {
  const std::vector<Detection> detections = {box(0, 1, 0.5f), box(2, 3, 0.7f), box(4, 5, 0.5f), box(6, 7, 0.7f)};
  EXPECT_EQ(lefts(suppress_overlaps(detections, {})), (std::vector<float>{2, 6, 0, 4}));
  EXPECT_EQ(lefts(suppress_overlaps(detections, {.count_max = 3})), (std::vector<float>{2, 6, 0}));
  EXPECT_TRUE(suppress_overlaps({}, {}).empty());
}

}  // namespace
}  // namespace espalier
