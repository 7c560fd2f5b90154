// One function per kind of result (python/results.h).
#include "results.h"

#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>

namespace nb = nanobind;

namespace espalier {
namespace {

nb::list python_of(const std::vector<KeyPoint>& points) {
  nb::list list;
  for (const KeyPoint& point : points) list.append(nb::make_tuple(point.x, point.y, point.score));
  return list;
}

// One dictionary per result, which `fill` fills.
template <class T, class Fill>
nb::object list_of(const std::vector<T>& results, const Fill& fill) {
  nb::list list;
  for (const T& result : results) {
    nb::dict row;
    fill(result, row);
    list.append(row);
  }
  return list;
}

// The array owns the values.
template <class T>
nb::object array_of(std::vector<T> values, int64_t height, int64_t width) {
  auto* owner = new std::vector<T>(std::move(values));
  nb::capsule capsule(owner, [](void* held) noexcept { delete static_cast<std::vector<T>*>(held); });
  const size_t shape[] = {static_cast<size_t>(height), static_cast<size_t>(width)};
  return nb::cast(nb::ndarray<nb::numpy, T>(owner->data(), 2, shape, capsule));
}

}  // namespace

nb::object python_of(Decoded decoded, DecodedKind kind, const std::vector<std::string>& names) {
  const auto name_class = [&](int64_t class_index, nb::dict& row) {
    const bool has_name = class_index >= 0 && class_index < std::ssize(names);
    row["class"] = class_index;
    row["label"] = has_name ? names[static_cast<size_t>(class_index)] : std::to_string(class_index);
  };
  switch (kind) {
    case DecodedKind::detections:
      return list_of(decoded.detections, [&](const Detection& box, nb::dict& row) {
        name_class(box.class_index, row);
        row["score"] = box.score;
        row["box"] = nb::make_tuple(box.left, box.top, box.right, box.bottom);
        row["key_points"] = python_of(box.key_points);
      });
    case DecodedKind::classifications:
      return list_of(decoded.classifications, [&](const Classification& found, nb::dict& row) {
        name_class(found.class_index, row);
        row["score"] = found.score;
      });
    case DecodedKind::poses:
      return list_of(decoded.poses, [](const Pose& pose, nb::dict& row) {
        row["score"] = pose.score;
        row["key_points"] = python_of(pose.key_points);
      });
    case DecodedKind::text_boxes:
      return list_of(decoded.text_boxes, [](const TextBox& box, nb::dict& row) {
        nb::list corners;
        for (const Point& corner : box.corners) corners.append(nb::make_tuple(corner.x, corner.y));
        row["score"] = box.score;
        row["corners"] = corners;
      });
    case DecodedKind::text_lines:
      return list_of(decoded.text_lines, [](const TextLine& line, nb::dict& row) {
        // Symbols come from a file of labels, which may hold anything.
        row["text"] = nb::steal(PyUnicode_DecodeUTF8(line.text.data(), std::ssize(line.text), "replace"));
        row["score"] = line.score;
      });
    case DecodedKind::mask:
      return array_of(std::move(decoded.mask->classes), decoded.mask->height, decoded.mask->width);
    case DecodedKind::depth:
      return array_of(std::move(decoded.depth->values), decoded.depth->height, decoded.depth->width);
  }
  return nb::none();
}

}  // namespace espalier
