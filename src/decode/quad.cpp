// Andrew's monotone chain, then every edge of the hull as the side of a rectangle (decode/quad.h).
#include "decode/quad.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace espalier {
namespace {

double cross(const Point& origin, const Point& a, const Point& b) {
  return (double{a.x} - origin.x) * (double{b.y} - origin.y) - (double{a.y} - origin.y) * (double{b.x} - origin.x);
}

// One half of the hull: points in order, without those that make no left turn.
void append_chain(const std::vector<Point>& points, std::vector<Point>& hull) {
  const size_t begin = hull.size();
  for (const Point& point : points) {
    while (hull.size() >= begin + 2 && cross(hull[hull.size() - 2], hull.back(), point) <= 0) hull.pop_back();
    hull.push_back(point);
  }
  hull.pop_back();  // the first of the other half
}

struct Extent {
  double low = INFINITY;
  double high = -INFINITY;

  void add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  double size() const { return high - low; }
  double middle() const { return (low + high) / 2; }
};

Quad quad_along(const std::vector<Point>& hull, double axis_x, double axis_y) {
  Extent along, across;
  for (const Point& point : hull) {
    along.add(point.x * axis_x + point.y * axis_y);
    across.add(point.y * axis_x - point.x * axis_y);
  }
  return {.center_x = along.middle() * axis_x - across.middle() * axis_y,
          .center_y = along.middle() * axis_y + across.middle() * axis_x,
          .axis_x = axis_x,
          .axis_y = axis_y,
          .length = along.size(),
          .breadth = across.size()};
}

}  // namespace

bool Quad::contains(double x, double y) const {
  const double from_x = x - center_x;
  const double from_y = y - center_y;
  return std::abs(from_x * axis_x + from_y * axis_y) <= length / 2 &&
         std::abs(from_y * axis_x - from_x * axis_y) <= breadth / 2;
}

std::array<Point, 4> Quad::corners() const {
  std::array<Point, 4> places;
  size_t i = 0;
  for (const double along : {-length / 2, length / 2})
    for (const double across : {-breadth / 2, breadth / 2})
      places[i++] = {static_cast<float>(center_x + along * axis_x - across * axis_y),
                     static_cast<float>(center_y + along * axis_y + across * axis_x)};
  std::stable_sort(places.begin(), places.end(), [](const Point& a, const Point& b) { return a.x < b.x; });
  if (places[0].y > places[1].y) std::swap(places[0], places[1]);
  if (places[2].y > places[3].y) std::swap(places[2], places[3]);
  return {places[0], places[2], places[3], places[1]};
}

std::vector<Point> convex_hull(std::vector<Point> points) {
  const auto before = [](const Point& a, const Point& b) { return a.x != b.x ? a.x < b.x : a.y < b.y; };
  const auto same = [](const Point& a, const Point& b) { return a.x == b.x && a.y == b.y; };
  std::sort(points.begin(), points.end(), before);
  points.erase(std::unique(points.begin(), points.end(), same), points.end());
  if (points.size() < 3) return points;
  std::vector<Point> hull;
  append_chain(points, hull);
  std::reverse(points.begin(), points.end());
  append_chain(points, hull);
  return hull;
}

Quad smallest_quad(const std::vector<Point>& points) {
  CHECK(!points.empty());
  const std::vector<Point> hull = convex_hull(points);
  // The upright rectangle goes first: of equal areas it stays.
  Quad best = quad_along(hull, 1, 0);
  for (size_t i = 0; i < hull.size(); ++i) {
    const Point& from = hull[i];
    const Point& to = hull[(i + 1) % hull.size()];
    const double edge_x = double{to.x} - from.x;
    const double edge_y = double{to.y} - from.y;
    const double norm = std::sqrt(edge_x * edge_x + edge_y * edge_y);
    if (norm == 0) continue;
    const Quad quad = quad_along(hull, edge_x / norm, edge_y / norm);
    if (quad.length * quad.breadth < best.length * best.breadth) best = quad;
  }
  return best;
}

}  // namespace espalier
