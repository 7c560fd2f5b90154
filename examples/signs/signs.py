"""The five things to find: stop, warning, mandatory, exit, gauge. Each is an outline and a function that paints it.

A sign lives in its own plane, -1..1 in both directions, y down. The outline gives the box of the label.
"""

from dataclasses import dataclass
from typing import Callable

import numpy as np

from paint import box, disc, polygon, stroke, strokes

WHITE, BLACK = (240, 240, 236), (22, 22, 24)
HALF = 0.70710678  # cos 45 degrees

OCTAGON = [(-0.414, -1), (0.414, -1), (1, -0.414), (1, 0.414), (0.414, 1), (-0.414, 1), (-1, 0.414), (-1, -0.414)]
TRIANGLE = [(0, -0.95), (1.05, 0.87), (-1.05, 0.87)]
RECTANGLE = [(-1, -0.56), (1, -0.56), (1, 0.56), (-1, 0.56)]
EIGHT_WAYS = [(0, -1), (HALF, -HALF), (1, 0), (HALF, HALF), (0, 1), (-HALF, HALF), (-1, 0), (-HALF, -HALF)]


def circle(radius):
    """Points of a circle every 11 degrees, by the rational formula."""
    quarter = [((1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)) for t in (k / 8 for k in range(8))]
    points = quarter + [(-y, x) for x, y in quarter]
    return [(radius * x, radius * y) for x, y in points + [(-x, -y) for x, y in points]]


def scaled(corners, factor):
    return [(x * factor, y * factor) for x, y in corners]


def octagon_shape(u, v):
    return polygon(u, v, OCTAGON)


def paint_stop(brush, dice):
    u, v = brush.u, brush.v
    brush.fill(octagon_shape(u, v), WHITE)
    brush.fill(polygon(u, v, scaled(OCTAGON, 0.9)), dice.shade((190, 22, 30), 18))
    t, b, m = -0.27, 0.27, 0.0  # top, bottom and middle of the letters
    word = [((-0.5, t), (-0.7, t)), ((-0.7, t), (-0.7, m)), ((-0.7, m), (-0.5, m)), ((-0.5, m), (-0.5, b)),
            ((-0.5, b), (-0.7, b)),
            ((-0.35, t), (-0.07, t)), ((-0.21, t), (-0.21, b)),
            ((0.09, t), (0.29, t)), ((0.29, t), (0.29, b)), ((0.29, b), (0.09, b)), ((0.09, b), (0.09, t)),
            ((0.47, b), (0.47, t)), ((0.47, t), (0.69, t)), ((0.69, t), (0.69, m)), ((0.69, m), (0.47, m))]
    brush.fill(strokes(u, v, word, 0.052), WHITE)


ROUNDING = (0, 0.28, 1.12)  # centre and radius of the disc that rounds the corners of the triangle off


def triangle_shape(u, v):
    return np.maximum(polygon(u, v, TRIANGLE), disc(u, v, *ROUNDING))


def triangle_outline():
    """The points where the disc cuts the sides of the triangle, and the points of the disc inside it."""
    cx, cy, radius = ROUNDING
    points = [(x + cx, y + cy) for x, y in circle(radius) if polygon(x + cx, y + cy, TRIANGLE) <= 0]
    for (ax, ay), (bx, by) in zip(TRIANGLE, TRIANGLE[1:] + TRIANGLE[:1]):
        dx, dy, ex, ey = bx - ax, by - ay, ax - cx, ay - cy
        a, b, c = dx * dx + dy * dy, dx * ex + dy * ey, ex * ex + ey * ey - radius * radius
        root = (b * b - a * c) ** 0.5  # the disc cuts every side twice
        points += [(ax + dx * t, ay + dy * t) for t in ((-b - root) / a, (-b + root) / a)]
    return points


def paint_warning(brush, dice):
    u, v = brush.u, brush.v
    brush.fill(triangle_shape(u, v), BLACK)
    inner = [(0, -0.73), (0.86, 0.76), (-0.86, 0.76)]
    brush.fill(np.maximum(polygon(u, v, inner), disc(u, v, 0, 0.28, 0.95)), dice.shade((246, 196, 20), 16))
    if dice.chance(0.5):
        brush.fill(stroke(u, v, (0, -0.22), (0, 0.28), 0.085), BLACK)
        brush.fill(disc(u, v, 0, 0.55, 0.1), BLACK)
    else:  # a flash of electricity
        flash = [((0.1, -0.4), (-0.16, 0.16)), ((-0.16, 0.16), (0.14, 0.12)), ((0.14, 0.12), (-0.06, 0.6))]
        brush.fill(strokes(u, v, flash, 0.06), BLACK)


def disc_shape(u, v):
    return disc(u, v, 0, 0, 1)


def paint_mandatory(brush, dice):
    u, v = brush.u, brush.v
    brush.fill(disc_shape(u, v), WHITE)
    brush.fill(disc(u, v, 0, 0, 0.92), dice.shade((16, 84, 178), 18))
    x, y = dice.pick([(0, -1), (1, 0), (-1, 0), (HALF, HALF), (-HALF, HALF)])  # where the arrow points
    head = (0.6 * x, 0.6 * y)
    wings = [(0.12 * x - 0.42 * y, 0.12 * y + 0.42 * x), (0.12 * x + 0.42 * y, 0.12 * y - 0.42 * x)]
    arrow = [((-0.6 * x, -0.6 * y), head), (head, wings[0]), (head, wings[1])]
    brush.fill(strokes(u, v, arrow, 0.11), WHITE)


def rectangle_shape(u, v):
    return box(u, v, 0, 0, 1, 0.56)


def paint_exit(brush, dice):
    u, v = brush.u, brush.v
    side = dice.pick([-1, 1])
    u = u * side  # the way out is to the left or to the right
    green = dice.shade((8, 134, 74), 16)
    brush.fill(rectangle_shape(u, v), WHITE)
    brush.fill(box(u, v, 0, 0, 0.94, 0.5), green)
    brush.fill(box(u, v, 0.66, 0, 0.2, 0.42), WHITE)  # the door
    arrow = [((-0.84, 0), (-0.38, 0)), ((-0.38, 0), (-0.56, -0.2)), ((-0.38, 0), (-0.56, 0.2))]
    brush.fill(strokes(u, v, arrow, 0.055), WHITE)
    runner = [((0.1, -0.14), (0.02, 0.1)), ((0.02, 0.1), (0.2, 0.2)), ((0.2, 0.2), (0.18, 0.4)),
              ((0.02, 0.1), (-0.08, 0.3)), ((-0.08, 0.3), (-0.24, 0.32)),
              ((0.1, -0.14), (0.28, -0.02)), ((0.08, -0.12), (-0.08, 0))]
    brush.fill(strokes(u, v, runner, 0.05), WHITE)
    brush.fill(disc(u, v, 0.16, -0.32, 0.085), WHITE)


def paint_gauge(brush, dice):
    u, v = brush.u, brush.v
    rim = dice.pick([(38, 40, 44), (120, 124, 130), (160, 130, 66)])
    brush.fill(disc_shape(u, v), rim)
    brush.fill(disc(u, v, -0.02, -0.02, 0.93), tuple(c * 0.7 for c in rim))
    face = dice.shade((236, 235, 228), 10)
    brush.fill(disc(u, v, 0, 0, 0.87), face)
    if dice.chance(0.7):  # the red end of the scale: a ring cut to the right lower sector
        ring = np.maximum(disc(u, v, 0, 0, 0.8), -disc(u, v, 0, 0, 0.68))
        sector = np.maximum(-u, np.maximum(-v * 0.94 - u * 0.34, v * HALF - u * HALF))
        brush.fill(np.maximum(ring, sector), (204, 40, 36))
    ticks = [((0.66 * x, 0.66 * y), (0.78 * x, 0.78 * y)) for x, y in EIGHT_WAYS if y < 1]
    brush.fill(strokes(u, v, ticks, 0.028), BLACK)
    y, x = dice.turn(2.4)  # 2.4 is 135 degrees each way from the top
    needle = dice.pick([BLACK, (196, 30, 30)])
    brush.fill(stroke(u, v, (-0.18 * x, 0.18 * y), (0.66 * x, -0.66 * y), 0.04), needle)
    brush.fill(disc(u, v, 0, 0, 0.11), needle)
    brush.fill(disc(u, v, 0, 0, 0.045), (150, 150, 150))


@dataclass(frozen=True)
class Sign:
    name: str
    outline: list  # points whose box is the label
    shape: Callable  # (u, v) -> signed distance
    paint: Callable  # (brush, dice)
    has_post: bool  # may stand on a post, out of doors


SIGNS = [
    Sign("stop", OCTAGON, octagon_shape, paint_stop, has_post=True),
    Sign("warning", triangle_outline(), triangle_shape, paint_warning, has_post=True),
    Sign("mandatory", circle(1), disc_shape, paint_mandatory, has_post=True),
    Sign("exit", RECTANGLE, rectangle_shape, paint_exit, has_post=False),
    Sign("gauge", circle(1), disc_shape, paint_gauge, has_post=False),
]
