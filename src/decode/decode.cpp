// The list of decoders, and what is checked before any of them runs.
#include "decode/decode.h"

#include <array>

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

}  // namespace

std::span<const Decoder* const> decoders() { return kDecoders; }

Result<const Decoder*> find_decoder(const std::string& name) {
  std::string known;
  for (const Decoder* decoder : kDecoders) {
    if (decoder->name == name) return decoder;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", decoder->name);
  }
  return error("there is no decoder \"{}\"; known are {}", name, known);
}

Result<Decoded> decode(const Decoder& decoder, const DecodeInput& input) {
  CHECK(input.input_height > 0 && input.input_width > 0);
  for (const NamedTensor& output : input.outputs)
    if (output.tensor.type() != DataType::f32)
      return error("decoder {}: output \"{}\" is {}, f32 is expected", decoder.name, output.name,
                   name(output.tensor.type()));
  Result<Decoded> decoded = decoder.run(input);
  if (!decoded.ok()) return decoded.error().at(fmt::format("decoder {}", decoder.name));
  return decoded;
}

}  // namespace espalier
