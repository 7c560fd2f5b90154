// Labelled pictures: class folders, a table of names and classes, and YOLO folders of boxes.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace espalier {

// A box as its file says it: centre and size as shares of the picture.
struct RelativeBox {
  int64_t class_index = 0;
  double center_x = 0;
  double center_y = 0;
  double width = 0;
  double height = 0;
};

// A box on the picture, in pixels.
struct LabelledBox {
  int64_t class_index = 0;
  double left = 0;
  double top = 0;
  double right = 0;
  double bottom = 0;
};

struct LabelledImage {
  std::string path;
  int64_t class_index = -1;  // -1: the set has boxes, not classes
  std::vector<RelativeBox> boxes;
};

// folder/<class>/<picture>. When every class folder's name is a number, it is the index; else the k-th name in sorted
// order is class k.
Result<std::vector<LabelledImage>> read_class_folders(const std::string& folder);

// Lines "picture,class index"; the picture's name is relative to `folder`. Empty lines, a first line
// "name,class" and lines that begin with # are passed over. In the order of the table.
Result<std::vector<LabelledImage>> read_class_table(const std::string& table_path, const std::string& folder);

// folder/images/<name>.<jpg ...> with folder/labels/<name>.txt, one line a box: "class center_x center_y width height",
// all as shares of the picture. A picture without a text file has no box, but one text file at least must be there.
Result<std::vector<LabelledImage>> read_yolo_folder(const std::string& folder);

std::vector<LabelledBox> boxes_in_pixels(const std::vector<RelativeBox>& boxes, int64_t picture_height,
                                         int64_t picture_width);

// One class name a line, in the order of the indices; trailing empty lines do not count.
Result<std::vector<std::string>> read_class_names(const std::string& path);

}  // namespace espalier
