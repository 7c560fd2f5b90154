// Figures equal those of pycocotools (coco_map_cases.txt), also when pictures count several times.
#include "evaluate/coco_map.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "material.h"

namespace espalier {
namespace {

struct Case {
  std::string title;
  std::vector<DetectedImage> images;
  std::vector<int32_t> weights;
  MeanAveragePrecision expected;
};

LabelledBox read_label(std::istream& words) {
  LabelledBox box;
  words >> box.class_index >> box.left >> box.top >> box.right >> box.bottom;
  return box;
}

Detection read_detection(std::istream& words) {
  Detection box;
  words >> box.class_index >> box.left >> box.top >> box.right >> box.bottom >> box.score;
  return box;
}

std::vector<Case> read_cases() {
  std::ifstream file(fixture("evaluate/coco_map_cases.txt"));
  std::vector<Case> cases;
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string word;
    words >> word;
    if (word == "case") cases.push_back({line.substr(5), {}, {}, {}});
    if (word == "image") cases.back().images.emplace_back();
    if (word == "label") cases.back().images.back().labels.push_back(read_label(words));
    if (word == "detection") cases.back().images.back().detections.push_back(read_detection(words));
    if (word == "weights")
      for (int32_t weight = 0; words >> weight;) cases.back().weights.push_back(weight);
    if (word == "expect") words >> cases.back().expected.map50 >> cases.back().expected.map50_95;
  }
  return cases;
}

TEST(coco_map, figures_are_those_of_pycocotools) {
  const std::vector<Case> cases = read_cases();
  ASSERT_EQ(cases.size(), 12u);
  for (const Case& one : cases) {
    const Matches matches = match_detections(one.images);
    const MeanAveragePrecision map =
        one.weights.empty() ? mean_average_precision(matches) : mean_average_precision(matches, one.weights);
    EXPECT_NEAR(map.map50, one.expected.map50, 1e-9) << one.title;
    EXPECT_NEAR(map.map50_95, one.expected.map50_95, 1e-9) << one.title;
  }
}

TEST(coco_map, nothing_labelled_gives_zero) {
  EXPECT_EQ(mean_average_precision(match_detections({})).map50, 0);
  const std::vector<DetectedImage> images(2);
  EXPECT_EQ(mean_average_precision(match_detections(images)).map50_95, 0);
}

}  // namespace
}  // namespace espalier
