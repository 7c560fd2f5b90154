// Counts of pixels, classes that the labels lack, pixels that do not count.
#include "evaluate/mean_iou.h"

#include <gtest/gtest.h>

namespace espalier {
namespace {

Mask mask_of(const std::vector<uint8_t>& classes) {
  return {.height = 1, .width = std::ssize(classes), .classes = classes};
}
LabelledMask label_of(const std::vector<uint8_t>& classes) {
  return {.height = 1, .width = std::ssize(classes), .classes = classes};
}
MeanIou once(const SegmentedImage& image) {
  const std::vector<int32_t> weights = {1};
  return mean_iou(std::span(&image, 1), weights);
}

TEST(mean_iou, classes_are_averaged_with_equal_weight) {
  // Class 0: 2 of 4 in the union; class 1: 2 of 4; class 2 is right.
  const MeanIou figures = once(count_pixels(mask_of({0, 0, 0, 1, 1, 1, 2}), label_of({0, 0, 1, 0, 1, 1, 2})));
  EXPECT_DOUBLE_EQ(figures.miou, (0.5 + 0.5 + 1) / 3);
  EXPECT_DOUBLE_EQ(figures.pixel_accuracy, 5.0 / 7);
}

TEST(mean_iou, a_class_without_a_label_costs_only_the_class_it_stands_in_for) {
  const MeanIou figures = once(count_pixels(mask_of({0, 0, 0, 9}), label_of({0, 0, 0, 0})));
  EXPECT_DOUBLE_EQ(figures.miou, 0.75);
}

TEST(mean_iou, pixels_without_a_label_or_unseen_do_not_count) {
  const MeanIou figures = once(count_pixels(mask_of({0, 1, 255, 1}), label_of({0, 1, 1, 255})));
  EXPECT_DOUBLE_EQ(figures.miou, 1);
  EXPECT_DOUBLE_EQ(figures.pixel_accuracy, 1);
  EXPECT_EQ(once(count_pixels(mask_of({255}), label_of({0}))).miou, 0);
}

TEST(mean_iou, pixels_are_summed_over_pictures_before_the_quotient) {
  const std::vector<SegmentedImage> images = {count_pixels(mask_of({1}), label_of({1})),
                                              count_pixels(mask_of({0, 0, 0}), label_of({1, 1, 1}))};
  const std::vector<int32_t> both = {1, 1};
  const std::vector<int32_t> first_twice = {2, 0};
  EXPECT_DOUBLE_EQ(mean_iou(images, both).miou, 0.25);
  EXPECT_DOUBLE_EQ(mean_iou(images, first_twice).miou, 1);
}

}  // namespace
}  // namespace espalier
