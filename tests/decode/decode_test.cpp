// The list of decoders, and what is refused before one runs.
#include "decode/decode.h"

#include <gtest/gtest.h>

#include <cmath>

#include "decode/run_decoder.h"

namespace espalier {
namespace {

TEST(decode, decoders_are_found_by_name) {
  EXPECT_EQ(decoders().size(), 14u);
  for (const Decoder* decoder : decoders()) EXPECT_EQ(*find_decoder(decoder->name), decoder);
  const Result<const Decoder*> unknown = find_decoder("ssd");
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().message(), "there is no decoder \"ssd\"; known are " + decoder_names());
  EXPECT_EQ(decoder_names().rfind("classification, yolox, fcos, ", 0), 0u);
  EXPECT_EQ(decoder_names(DecodedKind::poses), "movenet, heat_maps");
}

TEST(decode, integer_outputs_are_refused) {
  const std::vector<NamedTensor> outputs = {{"scores", Tensor(DataType::s8, {1, 3})}};
  const Result<Decoded> decoded =
      decode(**find_decoder("classification"),
             {.outputs = outputs, .geometry = {}, .input_height = 1, .input_width = 1, .options = {}});
  ASSERT_FALSE(decoded.ok());
  EXPECT_EQ(decoded.error().message(), "decoder classification: output \"scores\" is s8, f32 is expected");
}

TEST(decode, outputs_that_are_not_finite_are_refused_by_every_decoder) {
  for (const float wild : {NAN, INFINITY, -INFINITY})
    for (const Decoder* decoder : decoders()) {
      const std::vector<NamedTensor> outputs = {{"y", tensor_f32({1, 3}, {1, wild, 2})}};
      const Result<Decoded> decoded =
          decode(*decoder, {.outputs = outputs, .geometry = {}, .input_height = 32, .input_width = 32});
      ASSERT_FALSE(decoded.ok());
      EXPECT_EQ(
          decoded.error().message(),
          fmt::format("decoder {}: output \"y\" is {} at element 1 of 1x3; results are made of finite numbers only",
                      decoder->name, wild));
    }
}

TEST(decode, thresholds_are_numbers) {
  EXPECT_EQ(message(run_decoder("mask", {{"p", filled({1, 1, 2, 2}, 1)}}, 2, {.score_threshold = NAN})),
            "decoder mask: a threshold is nan");
}

TEST(decode, any_shape_is_an_answer_or_an_error) {
  const std::vector<Shape> shapes = {
      {}, {0}, {1}, {3}, {1, 0, 4}, {1, 1}, {2, 2}, {1, 5, 7}, {1, 4, 32, 32}, {32, 32}, {1, 1, 1, 1, 1}};
  for (const Decoder* decoder : decoders())
    for (const Shape& first : shapes)
      for (const Shape& second : shapes) {
        const std::vector<NamedTensor> outputs = {{"a", Tensor(DataType::f32, first)},
                                                  {"b", Tensor(DataType::f32, second)}};
        for (const size_t count : {1u, 2u})
          for (const int64_t size : {1, 32})
            (void)decode(
                *decoder,
                {.outputs = std::span(outputs).first(count), .geometry = {}, .input_height = size, .input_width = 32});
      }
}

TEST(decode, without_a_picture_the_input_is_the_picture) {
  // A sample of arrays has no geometry; boxes are not clipped to a picture of nothing.
  const std::vector<NamedTensor> outputs = {{"p", tensor_f32({1, 1, 2, 3}, {1, 1, 1, 1, 1, 1})}};
  const Result<Decoded> decoded =
      decode(**find_decoder("mask"), {.outputs = outputs, .geometry = {}, .input_height = 4, .input_width = 6});
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->mask->classes.size(), 24u);
}

}  // namespace
}  // namespace espalier
