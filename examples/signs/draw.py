"""Draws pictures of signs and gauges with their labels: the training, test and bundled pictures of this example.

    python3 draw.py --count 64 --seed 7 --out DIR [--size 160x160,320x240] [--format png,jpg]

writes DIR/images, DIR/labels (YOLO: class, centre x, centre y, width, height, relative to the picture) and
DIR/classes.txt. Sizes and formats take turns. Picture i of seed s depends on nothing but s, i and its size.
"""

import argparse
import pathlib

import numpy as np
from PIL import Image

import camera
import scenery
from dice import Dice
from paint import Brush, Plane, box, smooth_field, stroke
from signs import SIGNS

JPEG_QUALITY = 92


def draw(seed, index, width=160, height=160):
    """Returns the picture (uint8 RGB, height x width x 3) and its labels: (class, left, top, right, bottom), pixels."""
    dice = Dice(seed, index)
    picture = np.zeros((height, width, 3), np.float32)
    background = dice.pick(scenery.BACKGROUNDS)
    background(picture, dice)
    scenery.clutter(picture, dice)
    labels = []
    for _ in range(dice.pick([0, 1, 1, 2, 2, 3, 3, 4])):
        label = place_sign(picture, dice, labels, is_outdoors=background is scenery.street)
        if label is not None:
            labels.append(label)
    if dice.chance(0.15):
        cross_with_cable(picture, dice)
    camera.light(picture, dice)
    camera.blur(picture, dice)
    return camera.expose(picture, dice), labels


def place_sign(picture, dice, labels, is_outdoors):
    """Paints one sign where it covers no other; returns its label, or None where no free place is found."""
    height, width, _ = picture.shape
    kind = dice.whole(0, len(SIGNS) - 1)
    sign = SIGNS[kind]
    for _ in range(8):
        plane = random_plane(dice, height, width)
        left, top, right, bottom = plane.bounds(sign.outline)
        area = (right - left) * (bottom - top)
        seen = max(0, left), max(0, top), min(width, right), min(height, bottom)
        is_seen = (seen[2] - seen[0]) * (seen[3] - seen[1]) >= 0.8 * area
        if is_seen and not any(overlap(seen, other) for _, *other in labels):
            break
    else:
        return None
    if sign.has_post and is_outdoors:
        post(picture, dice, plane, bottom)
    else:
        shadow(picture, dice, plane, sign)
    brush = Brush(picture, plane)
    sign.paint(brush, dice)
    weather(brush, dice, sign)
    return (kind, *seen)


def random_plane(dice, height, width):
    """A plane turned a little in all three directions."""
    cosine, sine = dice.turn(0.12)
    across, down = dice.between(0.68, 1), dice.between(0.8, 1)
    size = min(height, width) * dice.squared_between(0.065, 0.3)
    return Plane((width * dice.unit(), height * dice.unit()), size,
                 (cosine * across, -sine * down, sine * across, cosine * down),
                 (dice.between(-0.12, 0.12), dice.between(-0.12, 0.12)))


def overlap(a, b):
    """Whether two boxes come nearer than two pixels."""
    return min(a[2], b[2]) - max(a[0], b[0]) > -2 and min(a[3], b[3]) - max(a[1], b[1]) > -2


def post(picture, dice, plane, bottom):
    brush = scenery.pixel_brush(picture)
    (x, y), = plane.to_pixels([(0, 0)])
    half_width = dice.between(0.06, 0.1) / plane.pixel
    foot = picture.shape[0] * 2.0
    grey = dice.pick(scenery.GREYS)
    brush.fill(box(brush.u, brush.v, x, (y + foot) / 2, half_width, (foot - y) / 2), grey)
    brush.fill(box(brush.u, brush.v, x + half_width * 0.5, (y + foot) / 2, half_width * 0.5, (foot - y) / 2),
               tuple(c * 0.75 for c in grey))


def shadow(picture, dice, plane, sign):
    """The soft shadow of a sign that hangs on a wall."""
    brush = Brush(picture, plane, reach=1.6)
    dx, dy = dice.between(-0.12, 0.12), dice.between(0.02, 0.16)
    brush.fill(sign.shape(brush.u - dx, brush.v - dy), (16, 16, 20), dice.between(0.2, 0.5), softness=0.16)


def weather(brush, dice, sign):
    """Dirt and fading on the whole face, and at times a gleam across it."""
    shape = sign.shape(brush.u, brush.v)
    height, width = shape.shape
    dirt = smooth_field(dice, height, width, max(2.0, height / dice.between(2, 8)))
    brush.multiply(shape, 1 - np.float32(dice.squared_between(0, 0.45)) * dirt)
    brush.fill(shape, (170, 170, 170), dice.squared_between(0, 0.25))
    if dice.chance(0.3):
        slope = dice.between(-1, 1)
        gleam = np.maximum(np.abs(brush.u + slope * brush.v - dice.between(-1, 1)) - dice.between(0.1, 0.3), shape)
        brush.fill(gleam, (255, 255, 255), dice.between(0.1, 0.35), softness=0.1)


def cross_with_cable(picture, dice):
    """A thin thing in front of everything."""
    height, width, _ = picture.shape
    brush = scenery.pixel_brush(picture)
    start, end = (0.0, height * dice.unit()), (float(width), height * dice.unit())
    brush.fill(stroke(brush.u, brush.v, start, end, height * dice.between(0.004, 0.012)),
               dice.pick(scenery.GREYS))


def label_text(labels, width, height):
    lines = []
    for kind, left, top, right, bottom in labels:
        numbers = ((left + right) / 2 / width, (top + bottom) / 2 / height, (right - left) / width,
                   (bottom - top) / height)
        lines.append(" ".join([str(kind)] + [f"{n:.6f}" for n in numbers]) + "\n")
    return "".join(lines)


def save(pixels, path):
    options = {"quality": JPEG_QUALITY, "subsampling": 0} if path.suffix == ".jpg" else {"optimize": True}
    Image.fromarray(pixels).save(path, **options)


def write_folder(out, count, seed, sizes=((160, 160),), formats=("png",)):
    """Writes a YOLO folder; returns the paths of the pictures."""
    (out / "images").mkdir(parents=True, exist_ok=True)
    (out / "labels").mkdir(exist_ok=True)
    (out / "classes.txt").write_text("".join(sign.name + "\n" for sign in SIGNS))
    paths = []
    for index in range(count):
        width, height = sizes[index % len(sizes)]
        pixels, labels = draw(seed, index, width, height)
        stem = f"{seed}_{index:05d}"
        paths.append(out / "images" / f"{stem}.{formats[index % len(formats)]}")
        save(pixels, paths[-1])
        (out / "labels" / f"{stem}.txt").write_text(label_text(labels, width, height))
    return paths


def parse_size(text):
    width, height = (int(side) for side in text.split("x"))
    if min(width, height) < 32:
        raise argparse.ArgumentTypeError(f"{text}: both sides must be at least 32 pixels")
    return width, height


def main():
    parser = argparse.ArgumentParser(description="Draws pictures of signs and gauges with YOLO labels.")
    parser.add_argument("--count", type=int, default=16)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--size", default="160x160", help="WIDTHxHEIGHT, or several with commas, used in turn")
    parser.add_argument("--format", default="png", help="png or jpg, or several with commas, used in turn")
    options = parser.parse_args()
    formats = options.format.split(",")
    if not set(formats) <= {"png", "jpg"}:
        parser.error(f"--format {options.format}: only png and jpg are written")
    try:
        sizes = [parse_size(text) for text in options.size.split(",")]
    except (ValueError, argparse.ArgumentTypeError) as error:
        parser.error(f"--size {options.size}: {error}")
    paths = write_folder(options.out, options.count, options.seed, sizes, formats)
    print(f"{len(paths)} pictures in {options.out}")


if __name__ == "__main__":
    main()
