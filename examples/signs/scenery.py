"""What stands behind and beside the signs: four kinds of background, and clutter that resembles signs but is none."""

import numpy as np

from paint import Brush, Plane, box, disc, polygon, smooth_field, stroke

GREYS = [(70, 72, 78), (110, 112, 116), (150, 150, 148), (190, 188, 182)]
PAINTS = [(170, 180, 176), (196, 186, 160), (120, 140, 150), (150, 168, 140), (176, 150, 130), (90, 100, 116)]


def pixel_grid(picture):
    """Pixel centres: x as a row, y as a column."""
    height, width, _ = picture.shape
    x, y = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)
    return (x + np.float32(0.5))[None, :], (y + np.float32(0.5))[:, None]


def pixel_brush(picture):
    """A brush whose plane is the picture itself: u and v are pixels."""
    height, width, _ = picture.shape
    return Brush(picture, Plane((0, 0), 1), reach=height + width)


def blend(first, second, amount):
    """Colour picture that goes from first to second where amount goes from 0 to 1."""
    first, second = np.array(first, np.float32), np.array(second, np.float32)
    return first + amount[..., None] * (second - first)


def roughen(picture, dice, cell, strength):
    """Uneven colour: stains, plaster, leaves."""
    height, width, _ = picture.shape
    picture *= (1 + np.float32(strength) * (smooth_field(dice, height, width, cell) - np.float32(0.5)))[..., None]


def street(picture, dice):
    height, width, _ = picture.shape
    _, y = pixel_grid(picture)
    horizon = height * dice.between(0.4, 0.7)
    sky = dice.pick([((90, 140, 210), (200, 220, 240)), ((150, 160, 172), (205, 208, 210)),
                     ((226, 150, 100), (250, 214, 170)), ((40, 50, 80), (120, 120, 140))])
    picture[:] = blend(*sky, np.broadcast_to(np.clip(y / np.float32(horizon), 0, 1), (height, width)))
    clouds = smooth_field(dice, height, width, height / 5)
    picture += (np.clip(clouds - np.float32(0.55), 0, 1) * np.float32(90))[..., None]
    brush = pixel_brush(picture)
    x = -dice.between(0, width * 0.2)
    while x < width:
        house_width, tall = width * dice.between(0.12, 0.35), height * dice.between(0.05, 0.5)
        house(brush, dice, x, horizon, house_width, tall)
        x += house_width + width * dice.squared_between(0, 0.2)
    trees(picture, brush, dice, horizon)
    ground = dice.pick([(96, 112, 70), (128, 124, 116), (150, 138, 110)])
    brush.fill(horizon - brush.v + 0 * brush.u, ground)
    vanish, middle = width * dice.between(0.2, 0.8), width * dice.between(0, 1)
    half = width * dice.between(0.2, 0.5)
    road = [(vanish - 2, horizon), (vanish + 2, horizon), (middle + half, height + 1), (middle - half, height + 1)]
    brush.fill(polygon(brush.u, brush.v, road), dice.pick(GREYS[:2]))
    brush.fill(stroke(brush.u, brush.v, (vanish, horizon), (middle, height), height * 0.008), (220, 220, 214), 0.8)


def house(brush, dice, x, foot, width, tall):
    colour = dice.shade(dice.pick(PAINTS), 24)
    u, v = brush.u, brush.v
    brush.fill(box(u, v, x + width / 2, foot - tall / 2, width / 2, tall / 2), colour)
    pitch = width * dice.between(0.12, 0.25) + 3  # distance of the windows, in pixels
    du = np.abs((u - x) % pitch - pitch / 2) - pitch * 0.24
    dv = np.abs((v - foot) % pitch - pitch / 2) - pitch * 0.3
    windows = np.maximum(np.maximum(du, dv), box(u, v, x + width / 2, foot - tall / 2, width / 2 - 2, tall / 2 - 2))
    brush.fill(windows, dice.pick([(60, 70, 84), (210, 200, 150), (160, 184, 200)]))


def trees(picture, brush, dice, foot):
    height, width, _ = picture.shape
    for _ in range(dice.whole(0, 4)):
        x, radius = dice.between(0, width), height * dice.between(0.05, 0.16)
        brush.fill(stroke(brush.u, brush.v, (x, foot), (x, foot - 2 * radius), radius * 0.12), (70, 54, 40))
        green = dice.shade((62, 96, 48), 26)
        for _ in range(4):
            brush.fill(disc(brush.u, brush.v, x + radius * dice.between(-0.7, 0.7),
                            foot - radius * dice.between(1.6, 2.6), radius * dice.between(0.5, 0.8)),
                       dice.shade(green, 14), softness=1.5)


def brick_wall(picture, dice):
    height, width, _ = picture.shape
    x, y = pixel_grid(picture)
    brick_height = height * dice.between(0.05, 0.12)
    brick_width = brick_height * dice.between(1, 2.6)
    row = np.floor(y / np.float32(brick_height))
    shifted = x / np.float32(brick_width) + (row % 2) * np.float32(0.5)
    column = np.floor(shifted)
    # A cheap hash of row and column gives every brick its own shade.
    shade = ((column * 37 + row * 91) % 17) / np.float32(17)
    base = dice.shade(dice.pick([(150, 84, 62), (176, 170, 160), (120, 96, 80), (200, 206, 204)]), 16)
    picture[:] = np.array(base, np.float32) * (np.float32(0.8) + np.float32(0.3) * shade)[..., None]
    joint = np.float32(height * dice.between(0.005, 0.012))
    near_joint = np.minimum((y % np.float32(brick_height)) + 0 * x, (shifted - column) * np.float32(brick_width))
    mask = np.clip(joint - near_joint + np.float32(0.5), 0, 1)[..., None]
    picture += mask * (np.array(dice.pick(GREYS), np.float32) - picture)
    roughen(picture, dice, height / 6, 0.5)


def plant_room(picture, dice):
    """A painted wall with a skirting, cabinets and pipes."""
    height, width, _ = picture.shape
    picture[:] = np.array(dice.shade(dice.pick(PAINTS), 20), np.float32)
    brush = pixel_brush(picture)
    u, v = brush.u, brush.v
    brush.fill(height * dice.between(0.6, 0.95) - v + 0 * u, dice.shade(dice.pick(GREYS + PAINTS), 16))
    roughen(picture, dice, height / 3, 0.35)
    for _ in range(dice.whole(0, 3)):
        x, y = dice.between(0, width), dice.between(0, height)
        half_width, half_height = width * dice.between(0.06, 0.2), height * dice.between(0.1, 0.3)
        colour = dice.shade(dice.pick(GREYS + PAINTS), 16)
        brush.fill(box(u, v, x + 3, y + 4, half_width, half_height), (30, 30, 30), 0.4, softness=5)
        brush.fill(box(u, v, x, y, half_width, half_height), tuple(c * 0.7 for c in colour))
        brush.fill(box(u, v, x, y, half_width - 1.5, half_height - 1.5), colour)
        brush.fill(box(u, v, x, y - half_height * 0.55, half_width * 0.6, 1), (50, 50, 54))
    for _ in range(dice.whole(1, 4)):
        pipe(brush, dice, height, width)


def pipe(brush, dice, height, width):
    colour = dice.shade(dice.pick(GREYS + [(60, 90, 150), (160, 60, 50), (190, 160, 60)]), 20)
    radius = height * dice.between(0.012, 0.045)
    across = dice.chance(0.5)
    place = dice.between(0, height if across else width)
    offset = (brush.v if across else brush.u) - place
    distance = np.abs(offset) - radius + 0 * brush.u + 0 * brush.v
    brush.fill(distance - 3 + 0 * offset, (20, 20, 20), 0.25, softness=4)
    brush.fill(distance, tuple(c * 0.65 for c in colour))
    brush.fill(np.abs(offset + radius * 0.3) - radius * 0.4 + 0 * distance, colour, softness=radius * 0.8)


def haze(picture, dice):
    """Blurred colours: what a close lens makes of a room."""
    height, width, _ = picture.shape
    palette = [dice.shade(dice.pick(GREYS + PAINTS + [(180, 90, 60), (60, 100, 160), (90, 130, 80)]), 40)
               for _ in range(3)]
    picture[:] = blend(palette[0], palette[1], smooth_field(dice, height, width, height / dice.between(2, 6)))
    amount = smooth_field(dice, height, width, height / dice.between(3, 12))[..., None]
    picture += np.clip(amount * 2 - 1, 0, 1) * (np.array(palette[2], np.float32) - picture)
    roughen(picture, dice, dice.between(2, 8), dice.between(0.1, 0.5))


BACKGROUNDS = [street, brick_wall, plant_room, haze]


# Plates that resemble a sign in shape or colour but lack its mark: the network must look closer.
CLUTTER = [
    (lambda u, v: disc(u, v, 0, 0, 1), [(190, 30, 30), (240, 190, 30), (40, 130, 70), (230, 228, 220), (60, 60, 64)]),
    (lambda u, v: box(u, v, 0, 0, 1, 0.6), [(180, 30, 34), (30, 80, 170), (240, 200, 40), (236, 236, 230)]),
    (lambda u, v: box(u, v, 0, 0, 0.8, 0.8), [(180, 30, 34), (30, 80, 170), (240, 120, 30), (40, 130, 76)]),
    (lambda u, v: polygon(u, v, [(0, -0.95), (1, 0.85), (-1, 0.85)]), [(200, 40, 40), (40, 90, 170), (50, 140, 80)]),
    (lambda u, v: np.abs(disc(u, v, 0, 0, 0.85)) - 0.15, [(60, 60, 64), (190, 30, 30), (230, 230, 226)]),
]


def clutter(picture, dice):
    height, width, _ = picture.shape
    for _ in range(dice.whole(0, 5)):
        shape, colours = dice.pick(CLUTTER)
        cosine, sine = dice.turn(0.6)
        squeeze = dice.between(0.6, 1)
        plane = Plane((dice.between(0, width), dice.between(0, height)),
                      min(height, width) * dice.squared_between(0.03, 0.22),
                      (cosine * squeeze, -sine, sine * squeeze, cosine))
        brush = Brush(picture, plane)
        distance = shape(brush.u, brush.v)
        colour = dice.shade(dice.pick(colours), 30)
        if dice.chance(0.4):
            brush.fill(distance, dice.pick([(238, 238, 232), (24, 24, 26)]))
            distance = distance + dice.between(0.08, 0.2)
        brush.fill(distance, colour)
        if dice.chance(0.3):
            brush.fill(box(brush.u, brush.v, 0, dice.between(-0.2, 0.2), 0.5, 0.1), dice.pick(GREYS), 0.9)
