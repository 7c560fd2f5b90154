// From a network's outputs to classes, boxes, key points, text, masks and depth on the picture. decoders.inc lists the
// decoders.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "espalier/tensor.h"
#include "espalier/vision.h"

namespace espalier {

struct DecodeOptions {
  std::optional<float> score_threshold =
      {};                                   // what has a lower score is dropped; the decoder's own where none is given
  std::optional<float> iou_threshold = {};  // boxes of one class that overlap a better one by more are dropped; same
  int64_t detection_count_max = 300;        // boxes, faces or text boxes of a picture
  int64_t top_count = 5;                    // classes in a classification
};

struct DecodeInput {
  std::span<const NamedTensor> outputs;  // float32, in the model's own layout
  Geometry geometry;                     // of the picture that was the input; without one, the input is the picture
  int64_t input_height = 0;
  int64_t input_width = 0;
  DecodeOptions options = {};
  std::span<const std::string> labels = {};  // names of the classes; the symbols of text
};

enum class DecodedKind { detections, classifications, poses, text_boxes, text_lines, mask, depth };
// "boxes", "classes", "poses" ...
const char* name(DecodedKind kind);

// What a decoder has found: the member that its kind names.
struct Decoded {
  std::vector<Detection> detections = {};            // best first
  std::vector<Classification> classifications = {};  // best first
  std::vector<Pose> poses = {};                      // best first
  std::vector<TextBox> text_boxes = {};              // best first
  std::vector<TextLine> text_lines = {};             // as the outputs have them
  std::optional<Mask> mask = {};
  std::optional<DepthMap> depth = {};
};

struct Decoder {
  const char* name;
  const char* summary;
  DecodedKind makes;
  Result<Decoded> (*run)(const DecodeInput& input);
  float score_threshold = 0.3f;
  float iou_threshold = 0.5f;
  const char* only_class = nullptr;  // the class of a network that finds one thing, such as "face"
};

// All decoders, in the order of decoders.inc.
std::span<const Decoder* const> decoders();
// Those that make one kind, "yolox, fcos"; for sentences.
std::string decoder_names(std::optional<DecodedKind> kind = {});
// Error: an unknown name; the message lists the known ones.
Result<const Decoder*> find_decoder(const std::string& name);

// Runs a decoder and puts its name in front of errors, among them outputs that are not float32 or not finite; a decoder
// itself sees finite outputs and both thresholds. Requires: input height and width are 1 or more.
Result<Decoded> decode(const Decoder& decoder, const DecodeInput& input);

}  // namespace espalier
