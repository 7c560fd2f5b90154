"""What light, lens and sensor do to a scene: lamps and shadows, blur, exposure, noise, eight bits."""

import numpy as np

from paint import smooth_field


def light(picture, dice):
    """A slope of brightness, soft shadows, and a cast of colour."""
    height, width, _ = picture.shape
    x = np.arange(width, dtype=np.float32)[None, :] / np.float32(width) - np.float32(0.5)
    y = np.arange(height, dtype=np.float32)[:, None] / np.float32(height) - np.float32(0.5)
    factor = 1 + np.float32(dice.between(-0.5, 0.5)) * x + np.float32(dice.between(-0.5, 0.5)) * y
    if dice.chance(0.4):
        shadow = smooth_field(dice, height, width, height / dice.between(1.5, 4))
        factor = factor * (1 - np.float32(dice.between(0.2, 0.6)) * np.clip(shadow * 4 - 2, 0, 1))
    cast = np.array([dice.between(0.88, 1.12) for _ in range(3)], np.float32)
    picture *= factor[..., None] * (cast * np.float32(dice.between(0.6, 1.2)))


def neighbour_sum(picture, axis, offset):
    """The pixels before and after, offset apart; the border repeats."""
    size = picture.shape[axis]
    index = np.arange(size)
    return picture.take(np.clip(index - offset, 0, size - 1), axis) + \
        picture.take(np.clip(index + offset, 0, size - 1), axis)


def blur(picture, dice):
    """Out of focus (the binomial filter, repeated) or moved along one axis."""
    scale = min(picture.shape[:2]) / 160  # the same look at every size
    if dice.chance(0.6):
        for _ in range(int(dice.squared_between(1, 5) * scale)):
            for axis in (0, 1):
                picture[:] = picture * np.float32(0.5) + neighbour_sum(picture, axis, 1) * np.float32(0.25)
    elif dice.chance(0.4):
        axis, reach = dice.whole(0, 1), dice.whole(1, int(2 * scale + 0.5))
        total = picture.copy()
        for offset in range(1, reach + 1):
            total += neighbour_sum(picture, axis, offset)
        picture[:] = total / np.float32(2 * reach + 1)


def expose(picture, dice):
    """Contrast, saturation and fog, then the noise of the sensor, then 8 bits."""
    grey = (picture[..., 0:1] + 2 * picture[..., 1:2] + picture[..., 2:3]) * np.float32(0.25)
    picture[:] = grey + (picture - grey) * np.float32(dice.between(0.65, 1.15))
    picture[:] = (picture - 128) * np.float32(dice.between(0.7, 1.15)) + np.float32(128 + dice.between(-20, 20))
    picture += dice.noise(picture.shape) * np.float32(dice.squared_between(0.5, 9))
    return np.clip(picture + np.float32(0.5), 0, 255).astype(np.uint8)
