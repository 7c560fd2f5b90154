// The hottest cell, a quarter towards its hotter neighbour.
#include <gtest/gtest.h>

#include "decode/run_decoder.h"

namespace espalier {
namespace {

TEST(heat_maps, a_place_is_shifted_to_the_hotter_neighbour) {
  Tensor maps = filled({1, 2, 4, 6}, 0);     // an input of 16 x 24 has strides of 4
  put(maps, 1 * 6 + 2, {0.1f, 0.5f, 0.3f});  // row 1: left neighbour, cell (1, 3), right neighbour
  put(maps, 2 * 6 + 3, {-0.2f});             // below is colder than above
  put(maps, 24 + 0, {0.7f});                 // the second map is hottest in a corner
  const Result<Decoded> decoded = run_decoder("heat_maps", {{"maps", maps}}, 16, 24);
  ASSERT_TRUE(decoded.ok()) << decoded.error().message();
  ASSERT_EQ(decoded->poses.size(), 1u);
  const std::vector<KeyPoint>& points = decoded->poses[0].key_points;
  ASSERT_EQ(points.size(), 2u);
  EXPECT_FLOAT_EQ(points[0].x, 3.25f * 4);
  EXPECT_FLOAT_EQ(points[0].y, 0.75f * 4);
  EXPECT_FLOAT_EQ(points[0].score, 0.5f);
  EXPECT_FLOAT_EQ(points[1].x, 0);
  EXPECT_FLOAT_EQ(points[1].y, 0);
}

TEST(heat_maps, cold_maps_give_no_body) {
  EXPECT_TRUE(run_decoder("heat_maps", {{"maps", filled({1, 17, 4, 4}, 0.1f)}}, 16)->poses.empty());
}

TEST(heat_maps, other_outputs_are_refused) {
  EXPECT_EQ(message(run_decoder("heat_maps", {}, 16)),
            "decoder heat_maps: one output with a heat map for every key point is expected; the network has no output");
  EXPECT_FALSE(run_decoder("heat_maps", {{"y", filled({1, 34}, 0)}}, 16).ok());
}

}  // namespace
}  // namespace espalier
