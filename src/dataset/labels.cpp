// Readers of labelled sets. Every message names the file and, in text files, the line.
#include "dataset/labels.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <optional>

#include "base/bytes.h"
#include "dataset/image_file.h"
#include "dataset/samples.h"

namespace espalier {
namespace {

namespace fs = std::filesystem;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::string trimmed_line(std::string_view line) { return std::string(trimmed(line)); }

Result<std::vector<std::string>> read_lines(const std::string& path,
                                            std::string (*take)(std::string_view line) = trimmed_line) {
  const MappedFile file = TRY(MappedFile::open(path));
  std::string_view text(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size());
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // byte order mark
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(take(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// The whole text as a number, or nothing.
template <class T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> found;
  while (!(line = trimmed(line)).empty()) {
    const size_t end = std::min(line.find_first_of(" \t"), line.size());
    found.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return found;
}

// Labels are relative; a label file in pixels would pass unnoticed otherwise. NaN fails the comparison.
Result<double> parse_share(std::string_view word) {
  const std::optional<double> share = number<double>(word);
  if (!share.has_value() || !(*share >= 0 && *share <= 1))
    return error("\"{}\" is no share of the picture between 0 and 1", word);
  return *share;
}

// Requires: five values or more.
Result<RelativeBox> box_of(const std::vector<std::string_view>& values) {
  const std::optional<int64_t> class_index = number<int64_t>(values[0]);
  if (!class_index.has_value() || *class_index < 0) return error("\"{}\" is no class index", values[0]);
  double shares[4];
  for (size_t i = 0; i < 4; ++i) shares[i] = TRY(parse_share(values[i + 1]));
  return RelativeBox{*class_index, shares[0], shares[1], shares[2], shares[3]};
}

Result<RelativeBox> parse_box(std::string_view line) {
  const std::vector<std::string_view> values = words(line);
  if (values.size() != 5)
    return error("has {} values; a box has 5: class center_x center_y width height", values.size());
  return box_of(values);
}

Result<RelativeBody> parse_body(std::string_view line) {
  const std::vector<std::string_view> values = words(line);
  if (values.size() < 8 || (values.size() - 5) % 3 != 0)
    return error(
        "has {} values; a body has 5 and 3 for every key point: class center_x center_y width height, x y "
        "visibility ...",
        values.size());
  RelativeBody body = {.box = TRY(box_of(values)), .points = {}};
  for (size_t i = 5; i < values.size(); i += 3) {
    const double x = TRY(parse_share(values[i]));
    const double y = TRY(parse_share(values[i + 1]));
    const std::optional<double> visibility = number<double>(values[i + 2]);
    if (!visibility.has_value() || (*visibility != 0 && *visibility != 1 && *visibility != 2))
      return error("\"{}\" is no visibility: 0 without a label, 1 hidden, 2 visible", values[i + 2]);
    body.points.push_back({x, y, *visibility > 0});
  }
  return body;
}

// One entry per line that is not empty.
template <class T>
Result<std::vector<T>> read_entries(const std::string& path, Result<T> (*parse)(std::string_view)) {
  std::vector<T> entries;
  const std::vector<std::string> lines = TRY(read_lines(path));
  for (size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].empty()) continue;
    const Result<T> entry = parse(lines[i]);
    if (!entry.ok()) return entry.error().at(fmt::format("{}: line {}", path, i + 1));
    entries.push_back(*entry);
  }
  return entries;
}

// Names of the folders in `folder`, sorted.
Result<std::vector<std::string>> list_folders(const std::string& folder) {
  std::error_code problem;
  std::vector<std::string> names;
  fs::directory_iterator entry(folder, problem);
  while (!problem && entry != fs::directory_iterator()) {
    std::error_code ignored;
    const std::string file_name = entry->path().filename().string();
    if (entry->is_directory(ignored) && !file_name.starts_with('.')) names.push_back(file_name);
    entry.increment(problem);
  }
  if (problem) return error("{}: cannot be listed: {}", folder, problem.message());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

Result<std::vector<LabelledImage>> read_class_folders(const std::string& folder) {
  const std::vector<std::string> names = TRY(list_folders(folder));
  if (names.empty()) return error("{}: holds no class folders; expected {}/<class>/<picture>", folder, folder);
  const bool numbered = std::all_of(names.begin(), names.end(), [](const std::string& name) {
    const std::optional<int64_t> index = number<int64_t>(name);
    return index.has_value() && *index >= 0;
  });
  std::vector<LabelledImage> images;
  for (size_t i = 0; i < names.size(); ++i) {
    const int64_t class_index = numbered ? *number<int64_t>(names[i]) : static_cast<int64_t>(i);
    const std::vector<std::string> paths = TRY(list_images((fs::path(folder) / names[i]).string()));
    for (const std::string& path : paths) images.push_back({path, class_index});
  }
  if (images.empty())
    return error("{}: its {} class folders hold no image (.jpg .jpeg .png .bmp)", folder, names.size());
  return images;
}

namespace {

// A table "name,<what>"; `add` takes the text behind the comma. Where it is the last comma, names may hold commas,
// where it is the first, the text may.
template <class Add>
Result<std::vector<LabelledImage>> read_table(const std::string& table_path, const std::string& folder,
                                              const std::string& what, size_t (*find_comma)(const std::string&),
                                              const Add& add) {
  std::vector<LabelledImage> images;
  const std::vector<std::string> lines = TRY(read_lines(table_path));
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string& line = lines[i];
    if (line.empty() || line[0] == '#' || (i == 0 && line == "name," + what)) continue;
    const size_t comma = find_comma(line);
    if (comma == std::string::npos)
      return error("{}: line {}: \"{}\" is not \"name,{}\"", table_path, i + 1, line, what);
    const std::string path = (fs::path(folder) / trimmed(std::string_view(line).substr(0, comma))).string();
    images.push_back({path});
    const Status added = add(trimmed(std::string_view(line).substr(comma + 1)), images.back());
    if (!added.ok()) return added.error().at(fmt::format("{}: line {}", table_path, i + 1));
    std::error_code problem;
    if (!fs::is_regular_file(path, problem))
      return error("{}: line {}: there is no picture {}", table_path, i + 1, path);
  }
  if (images.empty()) return error("{}: holds no line \"name,{}\"", table_path, what);
  return images;
}

}  // namespace

Result<std::vector<LabelledImage>> read_class_table(const std::string& table_path, const std::string& folder) {
  const auto last_comma = [](const std::string& line) { return line.rfind(','); };
  return read_table(table_path, folder, "class", last_comma, [](std::string_view text, LabelledImage& image) -> Status {
    const std::optional<int64_t> class_index = number<int64_t>(text);
    if (!class_index.has_value() || *class_index < 0) return error("\"{}\" is no class index (0, 1, ...)", text);
    image.class_index = *class_index;
    return {};
  });
}

Result<std::vector<LabelledImage>> read_text_table(const std::string& table_path, const std::string& folder) {
  const auto first_comma = [](const std::string& line) { return line.find(','); };
  return read_table(table_path, folder, "text", first_comma, [](std::string_view text, LabelledImage& image) -> Status {
    image.text = text;
    return {};
  });
}

namespace {

// The pictures of folder/images, those that have a file folder/labels/<name>.txt with it; `add` reads it.
template <class Add>
Result<std::vector<LabelledImage>> read_label_files(const std::string& folder, const Add& add) {
  const fs::path pictures = fs::path(folder) / "images";
  const std::vector<std::string> paths = TRY(list_images(pictures.string()));
  if (paths.empty()) return error("{}: holds no image (.jpg .jpeg .png .bmp)", pictures.string());
  std::vector<LabelledImage> images;
  bool labelled = false;
  for (const std::string& path : paths) {
    const fs::path label =
        (fs::path(folder) / "labels" / fs::path(path).lexically_relative(pictures)).replace_extension(".txt");
    images.push_back({path});
    std::error_code problem;
    if (!fs::exists(label, problem)) continue;
    labelled = true;
    TRY_STATUS(add(label.string(), images.back()));
  }
  if (!labelled)
    return error("{}: none of its {} pictures has a text file of the same name in {}", pictures.string(), paths.size(),
                 (fs::path(folder) / "labels").string());
  return images;
}

}  // namespace

Result<std::vector<LabelledImage>> read_yolo_folder(const std::string& folder) {
  return read_label_files(folder, [](const std::string& path, LabelledImage& image) -> Status {
    image.boxes = TRY(read_entries(path, parse_box));
    return {};
  });
}

Result<std::vector<LabelledImage>> read_body_folder(const std::string& folder) {
  size_t point_count = 0;
  return read_label_files(folder, [&](const std::string& path, LabelledImage& image) -> Status {
    image.bodies = TRY(read_entries(path, parse_body));
    for (const RelativeBody& body : image.bodies) {
      if (point_count == 0) point_count = body.points.size();
      if (body.points.size() != point_count)
        return error("{}: a body has {} key points, those before have {}", path, body.points.size(), point_count);
    }
    return {};
  });
}

Result<std::vector<LabelledImage>> read_mask_folder(const std::string& folder) {
  const fs::path pictures = fs::path(folder) / "images";
  const fs::path masks = fs::path(folder) / "masks";
  std::map<std::string, std::string> mask_of_name;
  for (const std::string& path : TRY(list_images(masks.string())))
    mask_of_name[fs::path(path).lexically_relative(masks).replace_extension().string()] = path;
  std::vector<LabelledImage> images;
  for (const std::string& path : TRY(list_images(pictures.string()))) {
    const auto mask = mask_of_name.find(fs::path(path).lexically_relative(pictures).replace_extension().string());
    if (mask == mask_of_name.end()) continue;
    images.push_back({path});
    images.back().mask_path = mask->second;
  }
  if (images.empty())
    return error("{}: no picture of images/ has a mask of the same name in masks/, which holds {}", folder,
                 mask_of_name.size());
  return images;
}

Result<LabelledMask> read_mask(const std::string& path) {
  const Image image = TRY(read_image(path));
  LabelledMask mask = {.height = image.height, .width = image.width, .classes = {}};
  for (size_t i = 0; i < image.rgb.size(); i += 3) {
    if (image.rgb[i] != image.rgb[i + 1] || image.rgb[i] != image.rgb[i + 2])
      return error(
          "{}: the pixel at column {}, row {} is coloured; a mask is a grey picture whose values are the "
          "classes (a palette's colours are not turned back into its indices)",
          path, i / 3 % static_cast<size_t>(image.width), i / 3 / static_cast<size_t>(image.width));
    mask.classes.push_back(image.rgb[i]);
  }
  return mask;
}

std::vector<LabelledBody> bodies_in_pixels(const std::vector<RelativeBody>& bodies, int64_t picture_height,
                                           int64_t picture_width) {
  std::vector<LabelledBody> absolute;
  for (const RelativeBody& body : bodies) {
    absolute.push_back({boxes_in_pixels({body.box}, picture_height, picture_width)[0], body.points});
    for (LabelledPoint& point : absolute.back().points) {
      point.x *= static_cast<double>(picture_width);
      point.y *= static_cast<double>(picture_height);
    }
  }
  return absolute;
}

std::vector<LabelledBox> boxes_in_pixels(const std::vector<RelativeBox>& boxes, int64_t picture_height,
                                         int64_t picture_width) {
  const double height = static_cast<double>(picture_height);
  const double width = static_cast<double>(picture_width);
  std::vector<LabelledBox> absolute;
  for (const RelativeBox& box : boxes)
    absolute.push_back({box.class_index, (box.center_x - box.width / 2) * width,
                        (box.center_y - box.height / 2) * height, (box.center_x + box.width / 2) * width,
                        (box.center_y + box.height / 2) * height});
  return absolute;
}

Result<std::vector<std::string>> read_class_names(const std::string& path) {
  const auto take = [](std::string_view line) { return line == " " || line == " \r" ? " " : trimmed_line(line); };
  std::vector<std::string> names = TRY(read_lines(path, take));
  while (!names.empty() && names.back().empty()) names.pop_back();
  if (names.empty()) return error("{}: holds no class names; one a line is expected", path);
  return names;
}

}  // namespace espalier
