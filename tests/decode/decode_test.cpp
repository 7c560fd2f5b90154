// The list of decoders, and what is refused before one runs.
#include "decode/decode.h"

#include <gtest/gtest.h>

namespace espalier {
namespace {

TEST(decode, decoders_are_found_by_name) {
  EXPECT_EQ(decoders().size(), 3u);
  for (const Decoder* decoder : decoders()) EXPECT_EQ(*find_decoder(decoder->name), decoder);
  const Result<const Decoder*> unknown = find_decoder("ssd");
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().message(), "there is no decoder \"ssd\"; known are classification, yolox, fcos");
}

TEST(decode, integer_outputs_are_refused) {
  const std::vector<NamedTensor> outputs = {{"scores", Tensor(DataType::s8, {1, 3})}};
  const Result<Decoded> decoded =
      decode(**find_decoder("classification"),
             {.outputs = outputs, .geometry = {}, .input_height = 1, .input_width = 1, .options = {}});
  ASSERT_FALSE(decoded.ok());
  EXPECT_EQ(decoded.error().message(), "decoder classification: output \"scores\" is s8, f32 is expected");
}

}  // namespace
}  // namespace espalier
