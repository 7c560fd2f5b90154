"""Draws lines and pages of text for the text networks, with the truth beside them; the same seed gives the same pictures.

    draw_text.py FOLDER     FOLDER/lines/*.png and lines.csv, FOLDER/pages/*.png and pages.json

The letters are DejaVu's (Debian's fonts-dejavu-core). Needs Pillow.
"""
import json
import pathlib
import random
import sys

from PIL import Image, ImageDraw, ImageFont

FONTS = pathlib.Path("/usr/share/fonts/truetype/dejavu")
FACES = ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf", "DejaVuSansMono.ttf"]
WORDS = """amber anchor apple bridge bright candle carbon castle cedar circle copper corner daylight delta eager early
engine evening falcon fabric feather figure forest garden gentle granite harbor hollow humble island ivory jacket jungle
kernel kettle ladder lantern lemon library magnet maple meadow mirror mountain narrow needle ocean olive orange orchard
paper pencil planet pocket quarter quiet rapid ribbon river saddle sample silver simple station summer table thunder
timber tunnel umbrella valley velvet violet walnut window winter yellow zebra Berlin Kyoto Lima Oslo Quito Turin""".split()
# As high as the recogniser's input and no wider, so that nothing is shrunk.
LINE_HEIGHT, LINE_WIDTH = 48, 320
MARGIN = 3  # as tight as a detector cuts lines out; recognisers read wider margins as spaces
PAGE_HEIGHT, PAGE_WIDTH = 480, 640


def fonts_are_there():
    return all((FONTS / face).exists() for face in FACES)


def font(generator, size):
    return ImageFont.truetype(str(FONTS / generator.choice(FACES)), size)


def colors(generator):
    """Dark ink on light ground or the reverse, far enough apart to be read."""
    dark = tuple(generator.randint(0, 90) for _ in range(3))
    light = tuple(generator.randint(170, 255) for _ in range(3))
    return (dark, light) if generator.random() < 0.8 else (light, dark)


def phrase(generator):
    words = [generator.choice(WORDS) for _ in range(generator.randint(1, 3))]
    if generator.random() < 0.3:
        words.append(str(generator.randint(1, 9999)))
    if generator.random() < 0.3:
        words[0] = words[0].capitalize()
    return " ".join(words)


def draw_lines(folder, count=200, seed=1):
    """folder/lines/000.png ... and folder/lines.csv, a table name,text. Returns the table's path."""
    generator = random.Random(seed)
    folder = pathlib.Path(folder)
    (folder / "lines").mkdir(parents=True, exist_ok=True)
    rows = ["name,text"]
    while len(rows) <= count:
        text, face = phrase(generator), font(generator, generator.randint(24, 32))
        ink, ground = colors(generator)
        width = int(face.getlength(text)) + 2 * MARGIN
        if width > LINE_WIDTH:
            continue
        picture = Image.new("RGB", (width, LINE_HEIGHT), ground)
        ImageDraw.Draw(picture).text((MARGIN, LINE_HEIGHT // 2), text, ink, face, anchor="lm")
        name = f"{len(rows) - 1:03}.png"
        picture.save(folder / "lines" / name)
        rows.append(f"{name},{text}")
    (folder / "lines.csv").write_text("\n".join(rows) + "\n")
    return folder / "lines.csv"


def draw_pages(folder, count=12, seed=2):
    """folder/pages/00.png ... and folder/pages.json: {name: [[left, top, right, bottom] of every line]}."""
    generator = random.Random(seed)
    folder = pathlib.Path(folder)
    (folder / "pages").mkdir(parents=True, exist_ok=True)
    truth = {}
    for number in range(count):
        ink, ground = colors(generator)
        page = Image.new("RGB", (PAGE_WIDTH, PAGE_HEIGHT), ground)
        pen = ImageDraw.Draw(page)
        boxes = []
        for _ in range(60):
            text, face = phrase(generator), font(generator, generator.randint(18, 36))
            width, height = face.getlength(text), face.size
            if width > PAGE_WIDTH - 40:
                continue
            left, top = generator.uniform(10, PAGE_WIDTH - 20 - width), generator.uniform(10, PAGE_HEIGHT - 20 - height)
            box = pen.textbbox((left, top), text, face)
            # Room for two letters beside a line and most of one above it: closer lines are one to any reader.
            near = (box[0] - 2 * height, box[1] - 0.8 * height, box[2] + 2 * height, box[3] + 0.8 * height)
            if any(near[0] < other[2] and other[0] < near[2] and near[1] < other[3] and other[1] < near[3] for other in boxes):
                continue
            pen.text((left, top), text, ink, face)
            boxes.append(list(box))
        name = f"{number:02}.png"
        page.save(folder / "pages" / name)
        truth[name] = boxes
    path = folder / "pages.json"
    path.write_text(json.dumps(truth, indent=1) + "\n")
    return path


if __name__ == "__main__":
    draw_lines(sys.argv[1])
    draw_pages(sys.argv[1])
