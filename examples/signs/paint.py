"""Painting on float32 pictures (H x W x 3, 0..255): shapes as signed distances, seen in perspective, with soft edges.

A shape is an array of signed distances, negative inside. Only + - * / and square root are used, which every machine
rounds alike, so a picture has the same bytes everywhere.
"""

import numpy as np


def disc(u, v, x, y, radius):
    return np.sqrt((u - x) * (u - x) + (v - y) * (v - y)) - radius


def box(u, v, x, y, half_width, half_height):
    return np.maximum(np.abs(u - x) - half_width, np.abs(v - y) - half_height)


def stroke(u, v, start, end, radius):
    """A thick line with round ends."""
    (ax, ay), (bx, by) = start, end
    dx, dy = bx - ax, by - ay
    along = np.clip(((u - ax) * dx + (v - ay) * dy) / (dx * dx + dy * dy), 0, 1)
    return disc(u, v, ax + along * dx, ay + along * dy, radius)


def strokes(u, v, lines, radius):
    """Several thick lines as one shape."""
    return np.minimum.reduce([stroke(u, v, start, end, radius) for start, end in lines])


def polygon(u, v, corners):
    """A convex polygon; the corners go clockwise on the screen, where y points down."""
    sides = []
    for (ax, ay), (bx, by) in zip(corners, corners[1:] + corners[:1]):
        dx, dy = bx - ax, by - ay
        length = (dx * dx + dy * dy) ** 0.5
        sides.append(((u - ax) * dy - (v - ay) * dx) / length)
    return np.maximum.reduce(sides)


class Plane:
    """A flat thing in the scene: its own coordinates (u, v), about -1..1, mapped to pixels (x, y) with perspective.

        x = cx + size * (a u + b v) / (1 + p u + q v)        y = cy + size * (c u + d v) / (1 + p u + q v)
    """

    def __init__(self, centre, size, axes=(1, 0, 0, 1), vanish=(0, 0)):
        (cx, cy), (a, b, c, d), (p, q) = centre, axes, vanish
        self._forward = (size * a + cx * p, size * b + cx * q, cx,
                         size * c + cy * p, size * d + cy * q, cy, p, q, 1.0)
        self.pixel = 1 / (size * abs(a * d - b * c) ** 0.5)  # one pixel in units of the plane

    def to_pixels(self, points):
        m = self._forward
        mapped = []
        for u, v in points:
            w = m[6] * u + m[7] * v + m[8]
            mapped.append(((m[0] * u + m[1] * v + m[2]) / w, (m[3] * u + m[4] * v + m[5]) / w))
        return mapped

    def bounds(self, points):
        """(left, top, right, bottom) of the points, in pixels."""
        mapped = self.to_pixels(points)
        return (min(x for x, _ in mapped), min(y for _, y in mapped),
                max(x for x, _ in mapped), max(y for _, y in mapped))

    def coordinates(self, x, y):
        """u and v of pixel centres; the inverse of the map above, by the adjugate of its matrix."""
        a, b, c, d, e, f, g, h, i = self._forward
        inverse = (e * i - f * h, c * h - b * i, b * f - c * e,
                   f * g - d * i, a * i - c * g, c * d - a * f,
                   d * h - e * g, b * g - a * h, a * e - b * d)
        w = inverse[6] * x + inverse[7] * y + inverse[8]
        return ((inverse[0] * x + inverse[1] * y + inverse[2]) / w,
                (inverse[3] * x + inverse[4] * y + inverse[5]) / w)


class Brush:
    """Paints shapes of one plane on the part of a picture that the plane can touch."""

    def __init__(self, picture, plane, reach=1.2):
        height, width, _ = picture.shape
        left, top, right, bottom = plane.bounds([(-reach, -reach), (reach, -reach), (reach, reach), (-reach, reach)])
        x0, x1 = max(0, int(left)), min(width, int(right) + 2)
        y0, y1 = max(0, int(top)), min(height, int(bottom) + 2)
        x1, y1 = max(x0, x1), max(y0, y1)  # a plane outside the picture paints nothing
        self._target = picture[y0:y1, x0:x1]
        x = (np.arange(x0, x1, dtype=np.float32) + np.float32(0.5))[None, :]
        y = (np.arange(y0, y1, dtype=np.float32) + np.float32(0.5))[:, None]
        self.u, self.v = plane.coordinates(x, y)
        self._pixel = plane.pixel

    def fill(self, distance, colour, opacity=1.0, softness=0.0):
        """Blends the colour in where distance is negative; the edge is one pixel wide, plus softness in plane units."""
        cover = np.clip(0.5 - distance / (self._pixel + softness), 0, 1) * np.float32(opacity)
        self._target += cover[..., None] * (np.array(colour, np.float32) - self._target)

    def multiply(self, distance, factors):
        """Multiplies the pixels inside the shape by an array of factors: dirt, gloss, shade."""
        cover = np.clip(0.5 - distance / self._pixel, 0, 1)
        self._target *= (1 + cover * (factors - 1))[..., None]


def smooth_field(dice, height, width, cell):
    """Random hills in 0..1 with a distance of about cell pixels: a coarse random grid, interpolated."""
    rows, columns = int(height / cell) + 2, int(width / cell) + 2
    grid = dice.field((rows, columns))
    y, x = np.arange(height, dtype=np.float32) / np.float32(cell), np.arange(width, dtype=np.float32) / np.float32(cell)
    row, column = y.astype(int), x.astype(int)
    fy, fx = y - row, x - column
    fy, fx = (fy * fy * (3 - 2 * fy))[:, None], (fx * fx * (3 - 2 * fx))[None, :]
    upper, lower = grid[row], grid[row + 1]
    down = upper + (lower - upper) * fy
    return down[:, column] + (down[:, column + 1] - down[:, column]) * fx
