// One function per kind of result (cli/results.h).
#include "results.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>

#include "dataset/draw.h"

namespace espalier::cli {
namespace {

using Names = std::vector<std::string>;
using nlohmann::json;

json to_json(const std::vector<KeyPoint>& points) {
  json list = json::array();
  for (const KeyPoint& point : points) list.push_back({point.x, point.y, point.score});
  return list;
}

json detections_of(const Decoded& decoded, const Names& names, std::string& text) {
  json list = json::array();
  for (const Detection& box : decoded.detections) {
    const std::string label = label_of(box.class_index, names);
    text += fmt::format("{:<16} {:5.1f} %  at {:.0f},{:.0f} to {:.0f},{:.0f}\n", label, 100 * box.score, box.left,
                        box.top, box.right, box.bottom);
    list.push_back({{"class", box.class_index},
                    {"label", label},
                    {"score", box.score},
                    {"box", {box.left, box.top, box.right, box.bottom}}});
    if (!box.key_points.empty()) list.back()["key_points"] = to_json(box.key_points);
  }
  return list;
}

std::string class_line(const Classification& found, const Names& names) {
  return fmt::format("{} {:.3f}", label_of(found.class_index, names), found.score);
}

json classes_of(const Decoded& decoded, const Names& names, std::string& text) {
  json list = json::array();
  for (const Classification& found : decoded.classifications) {
    text += class_line(found, names) + "\n";
    list.push_back(
        {{"class", found.class_index}, {"label", label_of(found.class_index, names)}, {"score", found.score}});
  }
  return list;
}

json poses_of(const Decoded& decoded, std::string& text) {
  json list = json::array();
  for (const Pose& pose : decoded.poses) {
    text += fmt::format("body {:5.1f} %\n", 100 * pose.score);
    for (size_t i = 0; i < pose.key_points.size(); ++i) {
      const KeyPoint& point = pose.key_points[i];
      text += fmt::format("  key point {:<3} {:5.1f} %  at {:.0f},{:.0f}\n", i, 100 * point.score, point.x, point.y);
    }
    list.push_back({{"score", pose.score}, {"key_points", to_json(pose.key_points)}});
  }
  return list;
}

json text_boxes_of(const Decoded& decoded, std::string& text) {
  json list = json::array();
  for (const TextBox& box : decoded.text_boxes) {
    json corners = json::array();
    text += fmt::format("text {:5.1f} %  at", 100 * box.score);
    for (const Point& corner : box.corners) {
      corners.push_back({corner.x, corner.y});
      text += fmt::format(" {:.0f},{:.0f}", corner.x, corner.y);
    }
    text += "\n";
    list.push_back({{"score", box.score}, {"corners", corners}});
  }
  return list;
}

json lines_of(const Decoded& decoded, std::string& text) {
  json list = json::array();
  for (const TextLine& line : decoded.text_lines) {
    text += fmt::format("{:5.1f} %  {}\n", 100 * line.score, line.text);
    list.push_back({{"text", line.text}, {"score", line.score}});
  }
  return list;
}

json mask_of(const Mask& mask, const Names& names, std::string& text) {
  std::map<int64_t, int64_t> pixel_counts;
  for (const uint8_t found : mask.classes) ++pixel_counts[found];
  json list = json::array();
  for (const auto& [class_index, count] : pixel_counts) {
    if (class_index == Mask::kUnseen) continue;
    const std::string label = label_of(class_index, names);
    text += fmt::format("{:<16} {:5.1f} % of the pixels\n", label,
                        100 * static_cast<double>(count) / static_cast<double>(mask.classes.size()));
    list.push_back({{"class", class_index}, {"label", label}, {"pixels", count}});
  }
  return {{"height", mask.height}, {"width", mask.width}, {"classes", list}};
}

json depth_of(const DepthMap& depth, std::string& text) {
  json result = {{"height", depth.height}, {"width", depth.width}, {"smallest", nullptr}, {"largest", nullptr}};
  std::vector<float> seen;
  std::copy_if(depth.values.begin(), depth.values.end(), std::back_inserter(seen),
               [](float value) { return std::isfinite(value); });
  if (seen.empty()) return result;
  const auto [smallest, largest] = std::minmax_element(seen.begin(), seen.end());
  text += fmt::format("depth from {:g} to {:g}\n", *smallest, *largest);
  result["smallest"] = *smallest;
  result["largest"] = *largest;
  return result;
}

}  // namespace

std::string label_of(int64_t class_index, const Names& names) {
  const bool has_name = class_index >= 0 && class_index < std::ssize(names);
  return has_name ? names[static_cast<size_t>(class_index)] : std::to_string(class_index);
}

void describe(const Decoded& decoded, const Names& names, Outcome& outcome) {
  json& all = *outcome.json;
  all["detections"] = detections_of(decoded, names, outcome.text);
  all["classes"] = classes_of(decoded, names, outcome.text);
  all["poses"] = poses_of(decoded, outcome.text);
  all["text_boxes"] = text_boxes_of(decoded, outcome.text);
  all["text"] = lines_of(decoded, outcome.text);
  if (decoded.mask) all["mask"] = mask_of(*decoded.mask, names, outcome.text);
  if (decoded.depth) all["depth"] = depth_of(*decoded.depth, outcome.text);
}

void draw(Image& picture, const Decoded& decoded, const Names& names) {
  if (decoded.depth) draw_depth(picture, *decoded.depth);
  if (decoded.mask) draw_mask(picture, *decoded.mask, names);
  draw_text_boxes(picture, decoded.text_boxes);
  draw_poses(picture, decoded.poses);
  draw_detections(picture, decoded.detections, names);
  Names lines;
  for (const Classification& found : decoded.classifications) lines.push_back(class_line(found, names));
  for (const TextLine& line : decoded.text_lines) lines.push_back(line.text);
  draw_lines(picture, lines);
}

Result<std::vector<NamedTensor>> maps_of(const Decoded& decoded) {
  std::vector<NamedTensor> maps;
  const auto add = [&](const std::string& name, DataType type, const Shape& shape, const auto& values) {
    Tensor tensor(type, shape);
    std::memcpy(tensor.mutable_bytes(), values.data(), static_cast<size_t>(tensor.size_bytes()));
    maps.push_back({name, std::move(tensor)});
  };
  if (decoded.mask) add("mask", DataType::u8, {decoded.mask->height, decoded.mask->width}, decoded.mask->classes);
  if (decoded.depth) add("depth", DataType::f32, {decoded.depth->height, decoded.depth->width}, decoded.depth->values);
  if (maps.empty()) return error("the decoder makes no mask and no depth, which --map would write");
  return maps;
}

}  // namespace espalier::cli
