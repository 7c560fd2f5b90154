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

// One labelled pixel of class 0 in each picture; the first `right` of four are found.
std::vector<SegmentedImage> four_masks(int right) {
  std::vector<SegmentedImage> images;
  for (int i = 0; i < 4; ++i) images.push_back({{{0, {.labelled = 1, .found = i < right, .both = i < right}}}});
  return images;
}

std::vector<PosedImage> four_bodies(int right) {
  std::vector<PosedImage> images;
  for (int i = 0; i < 4; ++i)
    images.push_back(
        {{{{.right = 10, .bottom = 10}, {{5, 5, true}}}}, {{.key_points = {{i < right ? 5.0f : 9.0f, 5, 1}}}}});
  return images;
}

std::vector<ReadImage> four_lines(int right) {
  std::vector<ReadImage> images;
  for (int i = 0; i < 4; ++i) images.push_back({"ab", i < right ? "ab" : "ax"});
  return images;
}

TEST(evaluate, masks_key_points_and_text_are_measured_and_compared) {
  const BootstrapOptions options;
  EXPECT_EQ((*evaluate_segmentation(four_masks(3), options))[0].name, "miou");
  EXPECT_DOUBLE_EQ((*evaluate_segmentation(four_masks(3), options))[0].value, 0.75);
  EXPECT_DOUBLE_EQ((*compare_segmentation(four_masks(3), four_masks(1), options))[0].value, -0.5);
  EXPECT_EQ((*evaluate_key_points(four_bodies(3), options))[0].name, "pck10");
  EXPECT_DOUBLE_EQ((*evaluate_key_points(four_bodies(3), options))[0].value, 0.75);
  EXPECT_DOUBLE_EQ((*compare_key_points(four_bodies(3), four_bodies(1), options))[0].value, -0.5);
  const std::vector<Metric> text = *evaluate_text(four_lines(3), options);
  EXPECT_DOUBLE_EQ(text[0].value, 0.75);
  EXPECT_EQ(text[1].name, "similarity");
  EXPECT_DOUBLE_EQ(text[1].value, 0.875);
  EXPECT_LT(text[0].interval.low, 0.75);
  const std::vector<Metric> worse = *compare_text(four_lines(3), four_lines(1), options);
  EXPECT_DOUBLE_EQ(worse[0].value, -0.5);
  EXPECT_LE(worse[0].interval.high, 0);
}

TEST(evaluate, what_is_no_set_of_masks_key_points_or_texts_is_said) {
  const BootstrapOptions options;
  EXPECT_EQ(message(evaluate_segmentation({}, options)), "there is no picture to evaluate");
  EXPECT_EQ(message(evaluate_segmentation(std::vector<SegmentedImage>(2), options)),
            "none of the 2 pictures has a labelled pixel that the network saw");
  EXPECT_EQ(message(evaluate_key_points(std::vector<PosedImage>(2), options)),
            "none of the 2 pictures has a labelled key point");
  std::vector<PosedImage> bodies = four_bodies(1);
  bodies[2].poses[0].key_points.push_back({});
  EXPECT_EQ(message(evaluate_key_points(bodies, options)), "the labels have 1 key points a body, the network finds 2");
  EXPECT_EQ(message(evaluate_text({}, options)), "there is no picture to evaluate");
  std::vector<ReadImage> other = four_lines(2);
  other[1].label = "yz";
  EXPECT_EQ(message(compare_text(four_lines(2), other, options)),
            "the two runs cannot be paired: picture 1 reads \"ab\" in one and \"yz\" in the other");
  EXPECT_FALSE(compare_segmentation(four_masks(1), std::vector<SegmentedImage>(3, four_masks(1)[0]), options).ok());
}

}  // namespace
}  // namespace espalier
