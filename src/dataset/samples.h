// The samples of a calibration folder: pictures, or .npz files that hold the network's inputs by name.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace espalier {

enum class SampleKind { image, npz };

struct SampleList {
  SampleKind kind = SampleKind::image;
  std::vector<std::string> paths;  // sorted by path below the folder, bytewise
};

// Which samples of a sorted list: first, first + step, ... ; `count` 0 takes all that follow.
struct SampleSelection {
  int64_t first = 0;
  int64_t step = 1;
  int64_t count = 0;
};

// Looks into subfolders too; names that begin with a dot are passed over. A folder may not mix the two kinds.
// An .npz or picture file as `folder` is a list of one.
Result<SampleList> list_samples(const std::string& folder);

// Indices of the selected among `sample_count` samples. Errors: a negative first or count, a step below 1, or more
// samples asked for than there are.
Result<std::vector<size_t>> selected_indices(size_t sample_count, const SampleSelection& selection);

template <class T>
Result<std::vector<T>> select(const std::vector<T>& samples, const SampleSelection& selection) {
  std::vector<T> selected;
  for (const size_t index : TRY(selected_indices(samples.size(), selection))) selected.push_back(samples[index]);
  return selected;
}

// True for .jpg .jpeg .png .bmp in any case.
bool has_image_extension(const std::string& path);

// All picture files below a folder, sorted; what list_samples and the labelled sets share.
Result<std::vector<std::string>> list_images(const std::string& folder);

}  // namespace espalier
