"""Seeded random numbers that are the same on every machine and with every NumPy.

Only the raw stream of PCG64 is used: NumPy promises to keep it, while the methods of its `Generator` may change.
Nothing here calls a math library either, so no rounding depends on the processor.
"""

import numpy as np


class Dice:
    """Random numbers from a key of whole numbers; equal keys give equal numbers."""

    def __init__(self, *key):
        self._bits = np.random.PCG64(np.random.SeedSequence(key))

    def unit(self):
        """A number in [0, 1)."""
        return (int(self._bits.random_raw()) >> 11) * 2.0**-53

    def between(self, low, high):
        """A number in [low, high)."""
        return low + (high - low) * self.unit()

    def squared_between(self, low, high):
        """A number in [low, high), more often near low: sizes of things seen near and far."""
        return low + (high - low) * self.unit() ** 2

    def whole(self, low, high):
        """A whole number in low..high, both included."""
        return low + int(self.unit() * (high - low + 1))

    def chance(self, probability):
        return self.unit() < probability

    def pick(self, choices):
        return choices[self.whole(0, len(choices) - 1)]

    def shade(self, colour, spread):
        """The colour with every channel moved by up to spread."""
        return tuple(c + self.between(-spread, spread) for c in colour)

    def turn(self, tangent_limit):
        """(cos, sin) of a random angle whose half has a tangent of at most tangent_limit: 1 is 90 degrees each way.

        The rational formula of the circle needs no cosine, which differs between math libraries.
        """
        t = self.between(-tangent_limit, tangent_limit)
        return (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)

    def field(self, shape):
        """float32 array of numbers in [0, 1) with 16 random bits each."""
        count = int(np.prod(shape))
        raw = self._bits.random_raw((count + 3) // 4).astype("<u8").view("<u2")
        return (raw[:count].astype(np.float32) * np.float32(2.0**-16)).reshape(shape)

    def noise(self, shape):
        """float32 array with mean 0 and deviation 1: the sum of four bytes, nearly a normal distribution."""
        count = int(np.prod(shape))
        raw = self._bits.random_raw((count + 1) // 2).astype("<u8").view("u1").reshape(-1, 4)[:count]
        total = raw[:, 0].astype(np.float32) + raw[:, 1] + raw[:, 2] + raw[:, 3]
        # Four bytes: mean 4 * 127.5, variance 4 * (256^2 - 1) / 12.
        return ((total - 510) * np.float32(1 / 147.8005)).reshape(shape)
