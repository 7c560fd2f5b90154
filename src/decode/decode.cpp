// The list of decoders, and what is checked before any of them runs.
#include "decode/decode.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.h"

namespace espalier {

namespace decoders_in_list {
#define DECODER(name) extern const Decoder name;
#include "decode/decoders.inc"
#undef DECODER
}  // namespace decoders_in_list

namespace {

constexpr std::array kDecoders = {
#define DECODER(name) &decoders_in_list::name,
#include "decode/decoders.inc"
#undef DECODER
};

Status check_values(const NamedTensor& output) {
  if (output.tensor.type() != DataType::f32)
    return error("output \"{}\" is {}, f32 is expected", output.name, name(output.tensor.type()));
  const float* begin = output.tensor.data<float>();
  const float* end = begin + output.tensor.count();
  const float* wild = std::find_if_not(begin, end, [](float value) { return std::isfinite(value); });
  if (wild != end)
    return error("output \"{}\" is {} at element {} of {}; results are made of finite numbers only", output.name, *wild,
                 wild - begin, to_string(output.tensor.shape()));
  return {};
}

}  // namespace

const char* name(DecodedKind kind) {
  switch (kind) {
    case DecodedKind::detections: return "boxes";
    case DecodedKind::classifications: return "classes";
    case DecodedKind::poses: return "poses";
    case DecodedKind::text_boxes: return "text boxes";
    case DecodedKind::text_lines: return "text";
    case DecodedKind::mask: return "masks";
    case DecodedKind::depth: return "depth";
  }
  return "";
}

std::span<const Decoder* const> decoders() { return kDecoders; }

std::string decoder_names(std::optional<DecodedKind> kind) {
  std::string names;
  for (const Decoder* decoder : kDecoders)
    if (!kind || decoder->makes == *kind) names += fmt::format("{}{}", names.empty() ? "" : ", ", decoder->name);
  return names;
}

Result<const Decoder*> find_decoder(const std::string& name) {
  for (const Decoder* decoder : kDecoders)
    if (decoder->name == name) return decoder;
  return error("there is no decoder \"{}\"; known are {}", name, decoder_names());
}

Result<Decoded> decode(const Decoder& decoder, const DecodeInput& input) {
  CHECK(input.input_height > 0 && input.input_width > 0);
  for (const NamedTensor& output : input.outputs) {
    const Status checked = check_values(output);
    if (!checked.ok()) return checked.error().at(fmt::format("decoder {}", decoder.name));
  }
  DecodeInput complete = input;
  for (const std::optional<float>& threshold : {input.options.score_threshold, input.options.iou_threshold})
    if (threshold && !std::isfinite(*threshold))
      return error("decoder {}: a threshold is {}", decoder.name, *threshold);
  if (!input.options.score_threshold) complete.options.score_threshold = decoder.score_threshold;
  if (!input.options.iou_threshold) complete.options.iou_threshold = decoder.iou_threshold;
  if (input.geometry.picture_height == 0 || input.geometry.picture_width == 0)
    complete.geometry = {.picture_height = input.input_height, .picture_width = input.input_width};
  Result<Decoded> decoded = decoder.run(complete);
  if (!decoded.ok()) return decoded.error().at(fmt::format("decoder {}", decoder.name));
  return decoded;
}

}  // namespace espalier
