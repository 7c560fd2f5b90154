// The smallest rectangle, turned freely, around a set of points; what text boxes are made of.
#pragma once

#include <array>
#include <vector>

#include "espalier/vision.h"

namespace espalier {

// A rectangle with its sides along two directions at right angles. The first one is the unit vector (axis_x, axis_y),
// the second one the first turned by a quarter, (-axis_y, axis_x).
struct Quad {
  double center_x = 0;
  double center_y = 0;
  double axis_x = 1;
  double axis_y = 0;
  double length = 0;   // along the first direction
  double breadth = 0;  // along the second

  bool contains(double x, double y) const;
  // Top left, top right, bottom right, bottom left as one reads: of the two corners that are leftmost the upper one is
  // the top left, of the others the upper one is the top right.
  std::array<Point, 4> corners() const;
};

// The convex hull, counter-clockwise where y grows upwards, without points on its edges.
std::vector<Point> convex_hull(std::vector<Point> points);

// Of all rectangles around the points the one with the smallest area: one of its sides lies on an edge of the hull.
// Requires: one point or more.
Quad smallest_quad(const std::vector<Point>& points);

}  // namespace espalier
