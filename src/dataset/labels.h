// Labelled pictures: class folders, tables of names and classes or texts, YOLO folders of boxes or bodies, and folders
// of masks.
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

// A key point of a body; in a label file as shares of the picture, else in pixels.
struct LabelledPoint {
  double x = 0;
  double y = 0;
  bool is_labelled = false;  // false: nobody could say where it is
};

// A body as its file says it, and on the picture, in pixels.
struct RelativeBody {
  RelativeBox box;
  std::vector<LabelledPoint> points;
};
struct LabelledBody {
  LabelledBox box;
  std::vector<LabelledPoint> points;
};

// A class for every pixel, row-major.
struct LabelledMask {
  static constexpr uint8_t kLeftOut = 255;  // the pixel has no label and does not count

  int64_t height = 0;
  int64_t width = 0;
  std::vector<uint8_t> classes;
};

// What a set does not have stays empty.
struct LabelledImage {
  std::string path;
  int64_t class_index = -1;
  std::vector<RelativeBox> boxes = {};
  std::vector<RelativeBody> bodies = {};
  std::string text = {};
  std::string mask_path = {};
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

// The same folder of bodies, one line each: "class center_x center_y width height" and "x y visibility" for every key
// point, where a visibility of 0 means that the point has no label. All bodies have the same number of points.
Result<std::vector<LabelledImage>> read_body_folder(const std::string& folder);

// Lines "picture,text"; the text begins behind the first comma. Else as read_class_table.
Result<std::vector<LabelledImage>> read_text_table(const std::string& table_path, const std::string& folder);

// folder/images/<name>.<jpg ...> with folder/masks/<name>.<png ...>. Pictures without a mask are left out; one mask at
// least must be there.
Result<std::vector<LabelledImage>> read_mask_folder(const std::string& folder);

// A grey picture whose values are the classes; 255 is left out. Error: a coloured one.
Result<LabelledMask> read_mask(const std::string& path);

std::vector<LabelledBody> bodies_in_pixels(const std::vector<RelativeBody>& bodies, int64_t picture_height,
                                           int64_t picture_width);
std::vector<LabelledBox> boxes_in_pixels(const std::vector<RelativeBox>& boxes, int64_t picture_height,
                                         int64_t picture_width);

// One class name or symbol of text a line, in the order of the indices; trailing empty lines do not count. Blanks
// around a name do not count either, but a line of one blank is the symbol of a space.
Result<std::vector<std::string>> read_class_names(const std::string& path);

}  // namespace espalier
