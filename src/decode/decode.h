// From a network's outputs to classes and boxes on the picture. decoders.inc lists the decoders.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "espalier/tensor.h"
#include "espalier/vision.h"

namespace espalier {

struct DecodeOptions {
  float score_threshold = 0.25f;      // boxes with a lower score are dropped; evaluation uses 0.001
  float iou_threshold = 0.5f;         // boxes of one class that overlap a better one by more are dropped
  int64_t detection_count_max = 300;  // per picture
  int64_t top_count = 5;              // classes in a classification
};

struct DecodeInput {
  std::span<const NamedTensor> outputs;  // float32, in the model's own layout
  Geometry geometry;                     // of the picture that was the input
  int64_t input_height = 0;
  int64_t input_width = 0;
  DecodeOptions options;
};

struct Decoded {
  std::vector<Detection> detections;            // best first
  std::vector<Classification> classifications;  // best first
};

enum class DecodedKind { detections, classifications };

struct Decoder {
  const char* name;
  const char* summary;
  DecodedKind makes;
  Result<Decoded> (*run)(const DecodeInput& input);
};

// All decoders, in the order of decoders.inc.
std::span<const Decoder* const> decoders();
// Error: an unknown name; the message lists the known ones.
Result<const Decoder*> find_decoder(const std::string& name);

// Runs a decoder and puts its name in front of errors. Requires: input height and width are 1 or more.
Result<Decoded> decode(const Decoder& decoder, const DecodeInput& input);

}  // namespace espalier
