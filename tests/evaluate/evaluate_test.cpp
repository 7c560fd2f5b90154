// Figures with intervals, paired differences, and what cannot be evaluated.
#include "evaluate/evaluate.h"

#include <gtest/gtest.h>

namespace espalier {
namespace {

template <class T>
std::string message(const Result<T>& result) {
  return result.ok() ? "no error" : result.error().message();
}

// Picture i has class 0; the first `right` of ten are recognised.
std::vector<ClassifiedImage> ten_pictures(int right) {
  std::vector<ClassifiedImage> images;
  for (int i = 0; i < 10; ++i) images.push_back({0, {{i < right ? 0 : 1, 0.9f}, {0, 0.1f}}});
  return images;
}

std::vector<DetectedImage> two_pictures(float right_edge) {
  const LabelledBox label = {.class_index = 0, .left = 0, .top = 0, .right = 10, .bottom = 10};
  const Detection detection = {.left = 0, .top = 0, .right = right_edge, .bottom = 10, .score = 0.5f};
  return {{{label}, {detection}}, {{label}, {detection}}};
}

TEST(evaluate, accuracy_lies_inside_its_interval) {
  const std::vector<Metric> metrics = *evaluate_classification(ten_pictures(7), {});
  ASSERT_EQ(metrics.size(), 2u);
  EXPECT_EQ(metrics[0].name, "top1");
  EXPECT_DOUBLE_EQ(metrics[0].value, 0.7);
  EXPECT_LT(metrics[0].interval.low, 0.7);
  EXPECT_GT(metrics[0].interval.high, 0.7);
  EXPECT_EQ(metrics[0].image_count, 10);
  EXPECT_EQ(metrics[1].name, "top5");
  EXPECT_EQ(metrics[1].value, 1);
}

TEST(evaluate, a_difference_is_paired_by_picture) {
  const std::vector<Metric> same = *compare_classification(ten_pictures(7), ten_pictures(7), {});
  EXPECT_EQ(same[0].interval.low, 0);
  EXPECT_EQ(same[0].interval.high, 0);
  const std::vector<Metric> worse = *compare_classification(ten_pictures(7), ten_pictures(5), {});
  EXPECT_NEAR(worse[0].value, -0.2, 1e-12);
  EXPECT_LE(worse[0].interval.high, 0);
}

TEST(evaluate, boxes_are_measured_and_compared) {
  const std::vector<Metric> perfect = *evaluate_detection(two_pictures(10), {});
  EXPECT_EQ(perfect[0].name, "map50");
  EXPECT_NEAR(perfect[0].value, 1, 1e-12);
  EXPECT_NEAR(perfect[1].value, 1, 1e-12);
  // An overlap of 0.725 is found at the five thresholds 0.50 to 0.70.
  const std::vector<Metric> difference = *compare_detection(two_pictures(10), two_pictures(7.25f), {});
  EXPECT_NEAR(difference[0].value, 0, 1e-12);
  EXPECT_NEAR(difference[1].value, -0.5, 1e-12);
  EXPECT_NEAR(difference[1].interval.high, -0.5, 1e-12);
}

TEST(evaluate, what_cannot_be_evaluated_is_said) {
  EXPECT_EQ(message(evaluate_classification({}, {})), "there is no picture to evaluate");
  EXPECT_EQ(message(evaluate_detection({}, {})), "there is no picture to evaluate");
  const std::vector<DetectedImage> unlabelled(3);
  EXPECT_EQ(message(evaluate_detection(unlabelled, {})),
            "none of the 3 pictures has a labelled box, so there is no precision to measure");
  EXPECT_EQ(message(evaluate_classification(ten_pictures(1), {.resample_count = 0})),
            "the interval needs 1 resample or more, 0 are asked for");
  const std::vector<ClassifiedImage> one = {{0, {}}};
  EXPECT_EQ(message(compare_classification(ten_pictures(1), one, {})),
            "the two runs cannot be paired: one has 10 pictures, the other 1");
  std::vector<ClassifiedImage> other = ten_pictures(1);
  other[3].class_index = 8;
  EXPECT_EQ(message(compare_classification(ten_pictures(1), other, {})),
            "the two runs cannot be paired: picture 3 has class 0 in one and 8 in the other");
  std::vector<DetectedImage> more = two_pictures(10);
  more[1].labels.push_back(more[1].labels[0]);
  EXPECT_EQ(message(compare_detection(two_pictures(10), more, {})),
            "the two runs cannot be paired: picture 1 has 1 labelled boxes in one and 2 in the other");
}

}  // namespace
}  // namespace espalier
