"""Prints tests/preprocess/resize_golden.txt: checksums of pictures that Pillow resized.

Needs numpy and Pillow: python make_resize_goldens.py > resize_golden.txt
Rows are resized first and columns second, by two calls, since Pillow 13 swaps the two for some sizes. The nearest
filter is spelled out in integers, since Pillow's runs in float64 and misses ties.
"""
import numpy as np
from PIL import Image

FILTERS = {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC, "area": Image.BOX}
SIZES = [  # from height, width to height, width
    (1, 1, 7, 5), (2, 3, 1, 1), (7, 9, 7, 9), (17, 33, 17, 16), (33, 17, 16, 17), (31, 15, 32, 127), (127, 64, 16, 31),
    (127, 64, 128, 65), (3, 127, 128, 2), (128, 128, 64, 64), (100, 150, 33, 49), (64, 64, 224, 224), (240, 320, 97, 130),
    (600, 8, 7, 8), (8, 600, 8, 7),
]


def picture(height, width):
    """Noise from a linear congruential generator: the top byte of each state."""
    state = 1
    values = []
    for _ in range(height * width * 3):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        values.append(state >> 56)
    return np.array(values, np.uint8).reshape(height, width, 3)


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def nearest(array, height, width):
    rows = (2 * np.arange(height) + 1) * array.shape[0] // (2 * height)
    columns = (2 * np.arange(width) + 1) * array.shape[1] // (2 * width)
    return array[rows][:, columns]


def main():
    print("# filter, from height and width, to height and width, FNV-1a of the RGB bytes. Made by make_resize_goldens.py.")
    for h, w, out_h, out_w in SIZES:
        array = picture(h, w)
        for name, code in FILTERS.items():
            out = Image.fromarray(array).resize((out_w, h), code).resize((out_w, out_h), code)
            print(name, h, w, out_h, out_w, f"{fnv1a(np.asarray(out).tobytes()):016x}")
        print("nearest", h, w, out_h, out_w, f"{fnv1a(nearest(array, out_h, out_w).tobytes()):016x}")


main()
