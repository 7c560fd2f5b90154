// What a network said about labelled pictures, collected for the figures of one task of `espalier evaluate`.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "decode/decode.h"
#include "evaluate/evaluate.h"

namespace espalier::cli {

struct Task {
  const char* name;
  DecodedKind kind;
  bool has_scores;  // --score drops results
};
// Error: an unknown name.
Result<Task> find_task(const std::string& name);
std::string task_names();

struct AnswersOptions {
  DecodedKind kind = DecodedKind::classifications;
  std::optional<int64_t> foreground = {};  // segmentation: the masks' value that is class 1, every other one is class 0
};

class Answers {
 public:
  explicit Answers(const AnswersOptions& options) : options_(options) {}

  // Error: a mask of another size than the picture.
  Status add(const LabelledImage& labelled, const Image& picture, const Decoded& decoded);

  Metrics measure(const BootstrapOptions& options) const;
  // These answers minus `before`.
  Metrics compare(const Answers& before, const BootstrapOptions& options) const;
  // What sample i has beside its name.
  nlohmann::json row(size_t i) const;
  size_t sample_count() const { return sample_count_; }
  // Share of the samples whose best class is that of `before`; nothing for other tasks.
  std::optional<double> agreement(const Answers& before) const;

 private:
  Status add_mask(const LabelledImage& labelled, const Mask& mask);

  AnswersOptions options_;
  size_t sample_count_ = 0;
  // The one of the task's kind is filled.
  std::vector<ClassifiedImage> classified_;
  std::vector<DetectedImage> detected_;
  std::vector<SegmentedImage> segmented_;
  std::vector<PosedImage> posed_;
  std::vector<ReadImage> read_;
};

}  // namespace espalier::cli
