// Walks a folder and sorts what it finds, so that the order depends on names alone and not on the file system.
#include "dataset/samples.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>

namespace espalier {
namespace {

namespace fs = std::filesystem;

std::string lower_extension(const std::string& path) {
  std::string extension = fs::path(path).extension().string();
  for (char& c : extension)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return extension;
}

bool has_npz_extension(const std::string& path) { return lower_extension(path) == ".npz"; }

// All files below `folder` that `wanted` accepts, sorted by path.
Result<std::vector<std::string>> list_files(const std::string& folder,
                                            const std::function<bool(const std::string&)>& wanted) {
  std::error_code problem;
  if (!fs::exists(folder, problem)) return error("{}: there is no such file or folder", folder);
  if (!fs::is_directory(folder, problem)) return error("{}: is not a folder", folder);
  std::vector<std::string> paths;
  fs::recursive_directory_iterator entry(folder, problem);
  while (!problem && entry != fs::recursive_directory_iterator()) {
    const std::string file_name = entry->path().filename().string();
    std::error_code ignored;
    if (file_name.starts_with('.')) {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file(ignored) && wanted(file_name)) {
      paths.push_back(entry->path().string());
    }
    entry.increment(problem);
  }
  if (problem) return error("{}: cannot be listed: {}", folder, problem.message());
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace

bool has_image_extension(const std::string& path) {
  constexpr std::array<std::string_view, 4> kExtensions = {".jpg", ".jpeg", ".png", ".bmp"};
  return std::find(kExtensions.begin(), kExtensions.end(), lower_extension(path)) != kExtensions.end();
}

Result<std::vector<std::string>> list_images(const std::string& folder) {
  return list_files(folder, has_image_extension);
}

Result<SampleList> list_samples(const std::string& folder) {
  std::error_code problem;
  if (fs::is_regular_file(folder, problem)) {
    if (has_npz_extension(folder)) return SampleList{SampleKind::npz, {folder}};
    if (has_image_extension(folder)) return SampleList{SampleKind::image, {folder}};
    return error("{}: is neither an image (.jpg .jpeg .png .bmp) nor an .npz file", folder);
  }
  std::vector<std::string> images = TRY(list_images(folder));
  std::vector<std::string> archives = TRY(list_files(folder, has_npz_extension));
  if (images.empty() && archives.empty())
    return error("calibration folder {} holds no image (.jpg .jpeg .png .bmp) and no .npz file", folder);
  if (!images.empty() && !archives.empty())
    return error("calibration folder {} holds {} images and {} .npz files; keep one kind (first of each: {} and {})",
                 folder, images.size(), archives.size(), images[0], archives[0]);
  if (!images.empty()) return SampleList{SampleKind::image, std::move(images)};
  return SampleList{SampleKind::npz, std::move(archives)};
}

Result<std::vector<size_t>> selected_indices(size_t sample_count, const SampleSelection& selection) {
  if (selection.first < 0) return error("the first sample must be 0 or more, is {}", selection.first);
  if (selection.step < 1) return error("the step between samples must be 1 or more, is {}", selection.step);
  if (selection.count < 0) return error("the number of samples must be 0 (all) or more, is {}", selection.count);
  const int64_t available = static_cast<int64_t>(sample_count);
  if (selection.first >= available)
    return error("the first sample is number {} (from 0), but there are only {}", selection.first, available);
  const int64_t reachable = (available - selection.first - 1) / selection.step + 1;
  if (selection.count > reachable)
    return error("{} samples are asked for, but from number {} in steps of {} only {} of {} can be reached",
                 selection.count, selection.first, selection.step, reachable, available);
  const int64_t count = selection.count == 0 ? reachable : selection.count;
  std::vector<size_t> indices;
  for (int64_t i = 0; i < count; ++i) indices.push_back(static_cast<size_t>(selection.first + i * selection.step));
  return indices;
}

}  // namespace espalier
