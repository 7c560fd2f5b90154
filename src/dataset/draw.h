// Draws results onto a picture: boxes, each with its label.
#pragma once

#include <string>
#include <vector>

#include "espalier/vision.h"

namespace espalier {

// Boxes with "name score" (score in per cent), best on top. `class_names` may be shorter than the classes or empty;
// a class without a name is shown as its index. Line width and text grow with the picture.
void draw_detections(Image& image, const std::vector<Detection>& detections,
                     const std::vector<std::string>& class_names);

// Lines of text at the top left, such as the best classes.
void draw_lines(Image& image, const std::vector<std::string>& lines);

}  // namespace espalier
