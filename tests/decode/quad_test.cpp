// Hulls and smallest rectangles of points whose answer is known.
#include "decode/quad.h"

#include <gtest/gtest.h>

#include <cmath>

namespace espalier {
namespace {

TEST(quad, a_hull_has_corners_only) {
  EXPECT_EQ(convex_hull({{0, 0}, {2, 0}, {1, 0}, {1, 1}, {2, 2}, {0, 2}, {0, 0}}).size(), 4u);
  EXPECT_EQ(convex_hull({{1, 1}}).size(), 1u);
  EXPECT_EQ(convex_hull({{1, 1}, {1, 1}, {3, 2}}).size(), 2u);
  EXPECT_EQ(convex_hull({{0, 0}, {1, 1}, {2, 2}}).size(), 2u) << "a line";
}

TEST(quad, a_diamond_is_a_turned_square) {
  const Quad quad = smallest_quad({{0, 2}, {2, 0}, {4, 2}, {2, 4}});
  EXPECT_NEAR(quad.length, std::sqrt(8.0), 1e-9);
  EXPECT_NEAR(quad.breadth, std::sqrt(8.0), 1e-9);
  EXPECT_NEAR(quad.center_x, 2, 1e-9);
  EXPECT_NEAR(quad.center_y, 2, 1e-9);
  EXPECT_TRUE(quad.contains(2, 0.1));
  EXPECT_FALSE(quad.contains(0.5, 0.5));
}

TEST(quad, corners_go_around_as_one_reads) {
  const std::array<Point, 4> corners = smallest_quad({{1, 1}, {9, 1}, {9, 3}, {1, 3}}).corners();
  const float expected[4][2] = {{1, 1}, {9, 1}, {9, 3}, {1, 3}};
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_FLOAT_EQ(corners[i].x, expected[i][0]);
    EXPECT_FLOAT_EQ(corners[i].y, expected[i][1]);
  }
}

TEST(quad, a_point_and_a_line_are_quads_too) {
  EXPECT_EQ(smallest_quad({{3, 4}}).length, 0);
  const Quad line = smallest_quad({{0, 0}, {3, 4}});
  EXPECT_NEAR(std::max(line.length, line.breadth), 5, 1e-9);
  EXPECT_NEAR(std::min(line.length, line.breadth), 0, 1e-9);
}

}  // namespace
}  // namespace espalier
