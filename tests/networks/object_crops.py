# Crops around the labelled objects of pictures, as networks for parts of a picture and trackers read them. Seeded.
import numpy as np
from PIL import Image

MEAN, DEVIATION = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])


def square(picture, centre, side, size):
    """A crop around a centre, black where it leaves the picture, as float RGB in 0..1."""
    left, top = centre[0] - side / 2, centre[1] - side / 2
    crop = picture.transform((size, size), Image.Transform.EXTENT, (left, top, left + side, top + side), Image.Resampling.BILINEAR)
    return np.asarray(crop, np.float32) / 255


def labelled_objects(images, chosen):
    """(picture, centre, larger side) of the largest object of each picture of coco128 that has one; `chosen` is a range."""
    number = -1
    for path in sorted((images / "coco128" / "images").glob("*.jpg")):
        labels = images / "coco128" / "labels" / f"{path.stem}.txt"
        boxes = np.loadtxt(labels, ndmin=2) if labels.exists() else []
        if not len(boxes):
            continue
        number += 1
        if number not in chosen:
            continue
        picture = Image.open(path).convert("RGB")
        x, y, width, height = boxes[np.argmax(boxes[:, 3] * boxes[:, 4])][1:] * np.tile(picture.size, 2)
        yield picture, (x, y), max(width, height)


def write_crops(images, folder, chosen, name, size):
    for i, (picture, centre, side) in enumerate(labelled_objects(images, chosen)):
        np.savez(folder / f"{i:03}.npz", **{name: square(picture, centre, side, size)[None]})


def write_tracks(images, folder, chosen):
    """The template is twice as large as the object, the search region four times, the object off its centre. Returns the
    object's centres (x, y) as shares of the search region."""
    generator = np.random.default_rng(1)
    centres = []
    for i, (picture, centre, side) in enumerate(labelled_objects(images, chosen)):
        away = np.array(centre) + generator.uniform(-1, 1, 2) * side
        parts = {"template": (square(picture, centre, 2 * side, 128) - MEAN) / DEVIATION, "search": (square(picture, away, 4 * side, 256) - MEAN) / DEVIATION}
        np.savez(folder / f"{i:03}.npz", **{name: value.transpose(2, 0, 1)[None].astype(np.float32) for name, value in parts.items()})
        centres.append(0.5 + (np.array(centre) - away) / (4 * side))
    return centres
