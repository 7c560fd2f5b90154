"""Writes the picture and array fixtures of tests/dataset/fixtures/, with the pixels that Pillow reads from them.

Needs numpy and Pillow (made with 13.0). Run it in its own folder; the files are committed.
"""
import io
import pathlib
import struct
import zipfile

import numpy as np
from PIL import Image

FOLDER = pathlib.Path(__file__).parent / "fixtures"


def picture(height, width):
    """A smooth gradient with a bright disc, so that JPEG keeps its size small."""
    y, x = np.mgrid[0:height, 0:width]
    disc = ((y - height / 2) ** 2 + (x - width / 2) ** 2 < 20)[..., None]
    rgb = np.stack([x * 255 // width, y * 255 // height, (x + y) * 255 // (height + width)], -1)
    return Image.fromarray(np.where(disc, [250, 240, 30], rgb).astype(np.uint8))


def bmp(height, width, bits, pixels, palette=b"", top_down=False, header_size=40, compression=0, masks=b""):
    body = b""
    for row in (pixels if top_down else pixels[::-1]):
        row = row.tobytes()
        body += row + bytes(-len(row) % 4)
    offset = 14 + header_size + len(masks) + len(palette)
    return (b"BM" + struct.pack("<IHHI", offset + len(body), 0, 0, offset)
            + struct.pack("<IiiHHIIiiII", header_size, width, -height if top_down else height, 1, bits, compression,
                          len(body), 0, 0, len(palette) // 4, 0)
            + masks + palette + body)


def main():
    FOLDER.mkdir(exist_ok=True)
    image = picture(13, 17)
    rgb = np.asarray(image)
    rgba = np.dstack([rgb, np.arange(13 * 17, dtype=np.uint8).reshape(13, 17)])
    image.save(FOLDER / "color_420.jpg", quality=80)
    image.save(FOLDER / "color_444_progressive.jpg", quality=80, subsampling=0, progressive=True)
    image.save(FOLDER / "color_422.jpg", quality=80, subsampling=1)
    image.convert("L").save(FOLDER / "gray.jpg", quality=80)
    image.convert("CMYK").save(FOLDER / "cmyk.jpg", quality=80)
    image.save(FOLDER / "color.png")
    image.convert("L").save(FOLDER / "gray.png")
    image.convert("1").save(FOLDER / "one_bit.png")
    image.quantize(16).save(FOLDER / "palette.png")
    image.quantize(16).save(FOLDER / "palette_transparent.png", transparency=3)
    Image.fromarray(rgba).save(FOLDER / "alpha.png")
    Image.fromarray(rgba).convert("LA").save(FOLDER / "gray_alpha.png")
    bgr = np.ascontiguousarray(rgb[..., ::-1])
    bgra = np.ascontiguousarray(rgba[..., [2, 1, 0, 3]])
    indexed = image.quantize(16)
    table = np.array(indexed.getpalette()[:48], np.uint8).reshape(16, 3)
    palette = b"".join(bytes([b, g, r, 0]) for r, g, b in table)
    files = {
        "bits_24.bmp": bmp(13, 17, 24, bgr),
        "bits_24_top_down.bmp": bmp(13, 17, 24, bgr, top_down=True),
        "bits_32.bmp": bmp(13, 17, 32, bgra),
        "bits_32_fields.bmp": bmp(13, 17, 32, bgra, compression=3, masks=struct.pack("<III", 0xFF0000, 0xFF00, 0xFF)),
        "bits_8_palette.bmp": bmp(13, 17, 8, np.asarray(indexed), palette),
    }
    for name, data in files.items():
        (FOLDER / name).write_bytes(data)
    # 16-bit samples: Pillow keeps the high byte of colour. Written by hand, since Pillow has no 16-bit RGB.
    import zlib

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    deep = (rgb.astype(np.uint16) * 256 + 200).astype(">u2")
    rows = b"".join(b"\0" + row.tobytes() for row in deep)
    (FOLDER / "color_16_bit.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 17, 13, 16, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))

    expected = {}
    for path in sorted(FOLDER.glob("*")):
        if path.suffix in (".jpg", ".png", ".bmp"):
            expected[path.name] = np.asarray(Image.open(path).convert("RGB"))
    np.savez_compressed(FOLDER / "pixels_by_pillow.npz", **expected)

    arrays = {
        "float32": np.array([[1.5, -2.25, 3e-8], [np.inf, 0, 1e38]], np.float32),
        "float64": np.array([1 / 3, -1e-50, 2.5]),
        "float16": np.array([1.5, -2, 65504], np.float16),
        "int8": np.arange(-3, 3, dtype=np.int8).reshape(1, 2, 3),
        "uint8": np.array([0, 128, 255], np.uint8),
        "int16": np.array([-32768, 32767], np.int16),
        "int32": np.array([-(2**31), 2**31 - 1], np.int32),
        "int64": np.array([-(2**63), 2**63 - 1]),
        "bool": np.array([True, False, True]),
        "uint16": np.array([65535], np.uint16),
        "uint32": np.array([2**32 - 1], np.uint32),
        "uint64": np.array([2**63 - 1], np.uint64),
        "scalar": np.array(7, np.int32),
        "empty": np.zeros((0, 3), np.float32),
    }
    np.savez(FOLDER / "arrays_stored.npz", **arrays)
    np.savez_compressed(FOLDER / "arrays_deflated.npz", **arrays)
    np.save(FOLDER / "fortran.npy", np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3)))
    np.save(FOLDER / "big_endian.npy", np.arange(3, dtype=">f4"))
    np.save(FOLDER / "complex.npy", np.zeros(2, np.complex64))
    np.save(FOLDER / "uint64_large.npy", np.array([2**63], np.uint64))
    with open(FOLDER / "format_2.npy", "wb") as file:
        np.lib.format.write_array(file, np.arange(4, dtype=np.int32), version=(2, 0))
    # What NumPy itself writes for a tensor that npy_bytes must write alike.
    with open(FOLDER / "plain.npy", "wb") as file:
        np.lib.format.write_array(file, np.arange(6, dtype=np.float32).reshape(2, 3), version=(1, 0))


main()
