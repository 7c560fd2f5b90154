// Mean intersection over union of masks: per class over all pixels of all pictures, then the mean over the classes that
// the labels have, as VOC defines it. A class that is found but labelled nowhere costs the class that it stands in for.
#pragma once

#include <cstdint>
#include <map>
#include <span>

#include "dataset/labels.h"
#include "espalier/vision.h"

namespace espalier {

struct PixelCounts {
  int64_t labelled = 0;
  int64_t found = 0;
  int64_t both = 0;
};

// One picture. Pixels that the label leaves out or that the network did not see are in no count.
struct SegmentedImage {
  std::map<int64_t, PixelCounts> classes;
};

// Requires: both have the same size.
SegmentedImage count_pixels(const Mask& found, const LabelledMask& label);

struct MeanIou {
  double miou = 0;
  double pixel_accuracy = 0;  // share of the pixels whose class is right
};
// Picture i counts weights[i] times; the figures are 0 where no labelled pixel counts. Requires: a weight per picture.
MeanIou mean_iou(std::span<const SegmentedImage> images, std::span<const int32_t> weights);

}  // namespace espalier
