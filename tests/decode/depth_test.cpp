// Depth is interpolated and not scaled; pixels outside of the view have none.
#include <gtest/gtest.h>

#include <cmath>

#include "decode/run_decoder.h"

namespace espalier {
namespace {

TEST(depth, values_lie_between_the_centres_of_cells) {
  const Result<Decoded> decoded = run_decoder("depth", {{"d", tensor_f32({1, 1, 2, 1}, {-10, 30})}}, 4, 2);
  ASSERT_TRUE(decoded.ok()) << decoded.error().message();
  EXPECT_EQ(decoded->depth->height, 4);
  EXPECT_EQ(decoded->depth->values, (std::vector<float>{-10, -10, 0, 0, 20, 20, 30, 30}));
}

TEST(depth, what_was_not_seen_has_no_depth) {
  const std::vector<NamedTensor> outputs = {{"d", filled({1, 2, 2, 1}, 7)}};
  const Result<Decoded> decoded =
      decode(**find_decoder("depth"), {.outputs = outputs,
                                       .geometry = {.offset_y = -1, .picture_height = 3, .picture_width = 2},
                                       .input_height = 2,
                                       .input_width = 2});
  ASSERT_TRUE(decoded.ok()) << decoded.error().message();
  EXPECT_TRUE(std::isnan(decoded->depth->values[0]));
  EXPECT_EQ(decoded->depth->values[2], 7);
}

TEST(depth, other_outputs_are_refused) {
  EXPECT_EQ(message(run_decoder("depth", {{"d", filled({1, 2, 4, 4}, 0)}}, 4)),
            "decoder depth: output \"d\" has 2 maps, one of depth is expected");
  EXPECT_FALSE(run_decoder("depth", {}, 4).ok());
}

}  // namespace
}  // namespace espalier
