// Correct key points (PCK): a key point is right when it lies within a share of the body's size of its label, the
// longer side of the labelled box. Scores do not matter. Not COCO's OKS, which needs the annotators' spread of every
// joint and the area of the body's outline.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dataset/labels.h"
#include "espalier/vision.h"

namespace espalier {

// What a network said about one labelled picture.
struct PosedImage {
  std::vector<LabelledBody> labels;
  std::vector<Pose> poses;
};

struct KeyPointCounts {
  int64_t right = 0;
  int64_t labelled = 0;
};

// Each labelled body is compared with the pose that fits it best; without a pose all its points are wrong. Points
// without a label do not count. Requires: labels and poses have the same number of key points.
KeyPointCounts correct_key_points(const PosedImage& image, double share_of_size);

}  // namespace espalier
