// Draws results onto a picture. Lines and text grow with the picture; wild coordinates stay inside.
#pragma once

#include <string>
#include <vector>

#include "espalier/vision.h"

namespace espalier {

// Boxes with "name score" (score in per cent) and their key points, best on top. `class_names` may be shorter than the
// classes or empty; a class without a name is shown as its index.
void draw_detections(Image& image, const std::vector<Detection>& detections,
                     const std::vector<std::string>& class_names);

// Key points with a score of 0.3 or more; bodies with the 17 points of COCO as skeletons.
void draw_poses(Image& image, const std::vector<Pose>& poses);

// Outlines, each with its score in per cent.
void draw_text_boxes(Image& image, const std::vector<TextBox>& boxes);

// Tints the pixels of every class but 0 in its colour, with a legend of the names; what the network did not see is
// darkened. Does nothing to a picture of another size than the mask's.
void draw_mask(Image& image, const Mask& mask, const std::vector<std::string>& class_names);

// Replaces the picture by its depth, from dark blue for the smallest value to yellow for the largest; what the network
// did not see is black. Does nothing to a picture of another size than the map's.
void draw_depth(Image& image, const DepthMap& depth);

// Lines of text at the top left, such as the best classes.
void draw_lines(Image& image, const std::vector<std::string>& lines);

}  // namespace espalier
