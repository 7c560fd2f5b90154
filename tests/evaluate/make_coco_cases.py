"""Prints tests/evaluate/coco_map_cases.txt: detections, labels and the figures that pycocotools finds for them.

Needs numpy and pycocotools: python make_coco_cases.py > coco_map_cases.txt
All coordinates are quarters of a pixel and all scores are multiples of 2^-20, so they are exact in float32.
"""
import contextlib
import io

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval


def figures(images):
    """mAP50 and mAP50-95 of [(labels, detections)]; a label is (class, l, t, r, b), a detection has a score after."""
    truth, found = [], []
    for index, (labels, detections) in enumerate(images):
        for c, l, t, r, b in labels:
            truth.append({"id": len(truth) + 1, "image_id": index + 1, "category_id": c + 1, "iscrowd": 0,
                          "bbox": [l, t, r - l, b - t], "area": (r - l) * (b - t)})
        for c, l, t, r, b, s in detections:
            found.append({"image_id": index + 1, "category_id": c + 1, "bbox": [l, t, r - l, b - t], "score": s})
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = {"images": [{"id": i + 1} for i in range(len(images))], "annotations": truth,
                        "categories": [{"id": i + 1} for i in range(6)]}
        coco.createIndex()
        run = COCOeval(coco, coco.loadRes(found) if found else COCO(), "bbox")
        if not found:
            run.cocoDt.dataset = dict(coco.dataset, annotations=[])
            run.cocoDt.createIndex()
        run.evaluate()
        run.accumulate()
    precision = run.eval["precision"][:, :, :, 0, 2]
    value = lambda p: float(p[p > -1].mean()) if (p > -1).any() else -1.0
    return value(precision[0]), value(precision)


def quarter(x):
    return float(np.round(x * 4) / 4)


def box(rng):
    l, t = rng.uniform(0, 200, 2)
    w, h = rng.uniform(4, 100, 2)
    return [quarter(v) for v in (l, t, l + w, t + h)]


def shifted(rng, b, amount):
    moved = [quarter(v + rng.normal(0, amount)) for v in b]
    return [moved[0], moved[1], max(moved[2], moved[0] + 1), max(moved[3], moved[1] + 1)]


def random_images(rng, count, label_max, noise_max, classes, score_steps):
    score = lambda: int(rng.integers(1, score_steps + 1)) / score_steps
    images = []
    for _ in range(count):
        labels = [(int(rng.choice(classes)), *box(rng)) for _ in range(rng.integers(0, label_max + 1))]
        detections = []
        for c, *b in labels:
            for _ in range(rng.integers(0, 3)):
                detections.append((c, *shifted(rng, b, 3), score()))
        for _ in range(rng.integers(0, noise_max + 1)):
            detections.append((int(rng.integers(0, 6)), *box(rng), score()))
        images.append((labels, detections))
    return images


def show(title, images, weights=None):
    print("case", title)
    for labels, detections in images:
        print("image")
        for label in labels:
            print("label", *[f"{v:g}" for v in label])
        for detection in detections:
            print("detection", *[f"{v:.10g}" for v in detection])
    if weights is not None:
        print("weights", *weights)
        images = [image for image, weight in zip(images, weights) for _ in range(weight)]
    print("expect", *[f"{v:.12f}" for v in figures(images)])


def main():
    print("# Made by make_coco_cases.py with pycocotools. label: class left top right bottom; detection: ... score.")
    square = (0, 10.0, 10.0, 50.0, 50.0)
    show("a perfect box", [([square], [(*square, 0.5)])])
    show("no detection", [([square], [])])
    show("a box that only overlaps half", [([square], [(0, 10.0, 10.0, 50.0, 30.0, 0.5)])])
    show("a detection of a class without label does not count", [([square], [(*square, 0.5), (3, 1.0, 1.0, 9.0, 9.0, 1.0)])])
    show("the second box on a label is wrong", [([square], [(*square, 0.5), (*square, 0.25)])])
    show("equal overlap and equal scores", [([square, square], [(*square, 0.5), (*square, 0.5), (*square, 0.5)])])
    rng = np.random.default_rng(7)
    show("pictures without labels", [([square], [(*square, 0.5)]), ([], [(*square, 0.75)]), ([], [])])
    many = [(0, *box(rng), 1.0) for _ in range(110)] + [(*square, 0.25)]
    show("detection 101 of a class is not seen", [([square], many)])
    for seed, (count, label_max, noise_max, classes, steps) in enumerate(
            [(6, 6, 6, [0, 1, 2, 4], 1024), (10, 4, 3, [0, 1], 8), (8, 5, 10, [0, 2, 5], 4)]):
        images = random_images(np.random.default_rng(seed), count, label_max, noise_max, classes, steps)
        show(f"random pictures {seed}", images)
    # Distinct scores, since copies of a picture stand beside each other here and at the end of pycocotools' list.
    images = random_images(np.random.default_rng(11), 8, 5, 5, [0, 1, 3], 2**20)
    show("pictures that count several times", images, [2, 0, 1, 3, 0, 1, 1, 2])


main()
