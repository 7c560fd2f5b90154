// Readers of labelled sets. Every message names the file and, in text files, the line.
#include "dataset/labels.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>

#include "base/bytes.h"
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

Result<std::vector<std::string>> read_lines(const std::string& path) {
  const MappedFile file = TRY(MappedFile::open(path));
  std::string_view text(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size());
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // byte order mark
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(trimmed(text.substr(0, end)));
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

Result<RelativeBox> parse_box(std::string_view line) {
  const std::vector<std::string_view> values = words(line);
  if (values.size() != 5)
    return error("has {} values; a box has 5: class center_x center_y width height", values.size());
  const std::optional<int64_t> class_index = number<int64_t>(values[0]);
  if (!class_index.has_value() || *class_index < 0) return error("\"{}\" is no class index", values[0]);
  double shares[4];
  for (size_t i = 0; i < 4; ++i) {
    const std::optional<double> share = number<double>(values[i + 1]);
    // Boxes are relative; a label file in pixels would pass unnoticed otherwise. NaN fails the comparison.
    if (!share.has_value() || !(*share >= 0 && *share <= 1))
      return error("\"{}\" is no share of the picture between 0 and 1", values[i + 1]);
    shares[i] = *share;
  }
  return RelativeBox{*class_index, shares[0], shares[1], shares[2], shares[3]};
}

Result<std::vector<RelativeBox>> read_boxes(const std::string& path) {
  std::vector<RelativeBox> boxes;
  const std::vector<std::string> lines = TRY(read_lines(path));
  for (size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].empty()) continue;
    const Result<RelativeBox> box = parse_box(lines[i]);
    if (!box.ok()) return box.error().at(fmt::format("{}: line {}", path, i + 1));
    boxes.push_back(*box);
  }
  return boxes;
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
    for (const std::string& path : paths) images.push_back({path, class_index, {}});
  }
  if (images.empty())
    return error("{}: its {} class folders hold no image (.jpg .jpeg .png .bmp)", folder, names.size());
  return images;
}

Result<std::vector<LabelledImage>> read_class_table(const std::string& table_path, const std::string& folder) {
  std::vector<LabelledImage> images;
  const std::vector<std::string> lines = TRY(read_lines(table_path));
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string& line = lines[i];
    if (line.empty() || line[0] == '#' || (i == 0 && line == "name,class")) continue;
    // The last comma parts the two, so a name may hold commas.
    const size_t comma = line.rfind(',');
    if (comma == std::string::npos) return error("{}: line {}: \"{}\" is not \"name,class\"", table_path, i + 1, line);
    const std::string_view class_text = trimmed(std::string_view(line).substr(comma + 1));
    const std::optional<int64_t> class_index = number<int64_t>(class_text);
    if (!class_index.has_value() || *class_index < 0)
      return error("{}: line {}: \"{}\" is no class index (0, 1, ...)", table_path, i + 1, class_text);
    const std::string path = (fs::path(folder) / trimmed(std::string_view(line).substr(0, comma))).string();
    std::error_code problem;
    if (!fs::is_regular_file(path, problem))
      return error("{}: line {}: there is no picture {}", table_path, i + 1, path);
    images.push_back({path, *class_index, {}});
  }
  if (images.empty()) return error("{}: holds no line \"name,class\"", table_path);
  return images;
}

Result<std::vector<LabelledImage>> read_yolo_folder(const std::string& folder) {
  const fs::path pictures = fs::path(folder) / "images";
  const std::vector<std::string> paths = TRY(list_images(pictures.string()));
  if (paths.empty()) return error("{}: holds no image (.jpg .jpeg .png .bmp)", pictures.string());
  std::vector<LabelledImage> images;
  bool labelled = false;
  for (const std::string& path : paths) {
    const fs::path label =
        (fs::path(folder) / "labels" / fs::path(path).lexically_relative(pictures)).replace_extension(".txt");
    images.push_back({path, -1, {}});
    std::error_code problem;
    if (!fs::exists(label, problem)) continue;
    labelled = true;
    images.back().boxes = TRY(read_boxes(label.string()));
  }
  if (!labelled)
    return error("{}: none of its {} pictures has a text file of the same name in {}", pictures.string(), paths.size(),
                 (fs::path(folder) / "labels").string());
  return images;
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
  std::vector<std::string> names = TRY(read_lines(path));
  while (!names.empty() && names.back().empty()) names.pop_back();
  if (names.empty()) return error("{}: holds no class names; one a line is expected", path);
  return names;
}

}  // namespace espalier
