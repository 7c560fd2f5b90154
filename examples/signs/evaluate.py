"""Accuracy of the float network on a YOLO folder that draw.py made: mAP50 and mAP50-95, and the cost of the network.

    python3 draw.py --count 500 --seed 2024 --out /tmp/signs_test
    python3 evaluate.py --data /tmp/signs_test [--model signs.onnx]

Needs onnx, onnxruntime, pycocotools, numpy and pillow. Detections come from the decoder of decode.py with a score
threshold of 0.01, at most 100 for each picture; the metric is the one of COCO.
"""

import argparse
import contextlib
import io
import json
import pathlib

import numpy as np
import onnx
import onnxruntime
from PIL import Image
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from decode import decode

HERE = pathlib.Path(__file__).parent
SCORE_THRESHOLD = 0.01


def read_labels(path, width, height):
    """[(class, left, top, width, height)] in pixels."""
    rows = []
    for line in path.read_text().splitlines():
        kind, cx, cy, w, h = line.split()
        w, h = float(w) * width, float(h) * height
        rows.append((int(kind), float(cx) * width - w / 2, float(cy) * height - h / 2, w, h))
    return rows


def network_input(picture, recipe):
    """The preprocessing recipe of signs.json, with Pillow's filter."""
    height, width = recipe["size"]
    pixels = np.asarray(picture.resize((width, height), Image.BILINEAR), np.float32)
    scaled = (pixels + np.array(recipe["add"], np.float32)) * np.array(recipe["mul"], np.float32)
    return scaled.transpose(2, 0, 1)[None]


def detections(session, recipe, picture):
    """[(class, score, left, top, width, height)] in pixels of the picture."""
    outputs = session.run(["p8", "p16"], {recipe["input"]: network_input(picture, recipe)})
    scale_x, scale_y = picture.width / recipe["size"][1], picture.height / recipe["size"][0]
    found = decode([output[0] for output in outputs], SCORE_THRESHOLD, recipe["size"])[:100]
    return [(kind, score, left * scale_x, top * scale_y, (right - left) * scale_x, (bottom - top) * scale_y)
            for kind, score, left, top, right, bottom in found]


def evaluate(model, data):
    """Returns {"mAP50-95", "mAP50", "pictures", "signs"} and the average precision at IoU 0.5 of every class."""
    recipe = json.loads((HERE / "signs.json").read_text())
    names = (data / "classes.txt").read_text().split()
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    images, truths, results = [], [], []
    for number, path in enumerate(sorted((data / "images").iterdir()), 1):
        picture = Image.open(path).convert("RGB")
        images.append({"id": number, "width": picture.width, "height": picture.height})
        for kind, *rectangle in read_labels(data / "labels" / f"{path.stem}.txt", *picture.size):
            truths.append({"id": len(truths) + 1, "image_id": number, "category_id": kind + 1, "bbox": rectangle,
                           "area": rectangle[2] * rectangle[3], "iscrowd": 0})
        for kind, score, *rectangle in detections(session, recipe, picture):
            results.append({"image_id": number, "category_id": kind + 1, "bbox": rectangle, "score": score})
    with contextlib.redirect_stdout(io.StringIO()):  # pycocotools reports its progress
        coco = COCO()
        coco.dataset = {"images": images, "annotations": truths, "info": {},
                        "categories": [{"id": k + 1, "name": name} for k, name in enumerate(names)]}
        coco.createIndex()
        judge = COCOeval(coco, coco.loadRes(results), "bbox")
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    precision = judge.eval["precision"][0, :, :, 0, 2]  # IoU 0.5, recall x class, all areas, 100 detections
    return {"mAP50-95": judge.stats[0], "mAP50": judge.stats[1], "pictures": len(images), "signs": len(truths)}, \
        {name: float(precision[:, k].mean()) for k, name in enumerate(names)}


def cost(model):
    """(parameters, multiply-accumulates of the convolutions)."""
    graph = onnx.shape_inference.infer_shapes(onnx.load(model)).graph
    shapes = {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim]
              for v in [*graph.value_info, *graph.output, *graph.input]}
    weights = {w.name: list(w.dims) for w in graph.initializer}
    parameters, macs = 0, 0
    for node in graph.node:
        if node.op_type == "Conv":
            parameters += sum(int(np.prod(weights[name])) for name in node.input[1:])
            macs += int(np.prod(weights[node.input[1]])) * int(np.prod(shapes[node.output[0]][2:]))
    return parameters, macs


def main():
    parser = argparse.ArgumentParser(description="mAP of the float network on a drawn test set.")
    parser.add_argument("--model", type=pathlib.Path, default=HERE / "signs.onnx")
    parser.add_argument("--data", type=pathlib.Path, required=True)
    options = parser.parse_args()
    parameters, macs = cost(options.model)
    print(f"{parameters} parameters, {macs / 1e6:.1f} M MACs, {options.model.stat().st_size} bytes")
    totals, classes = evaluate(options.model, options.data)
    print(f"{totals['pictures']} pictures, {totals['signs']} signs: "
          f"mAP50 {totals['mAP50']:.4f}  mAP50-95 {totals['mAP50-95']:.4f}")
    print("AP50 " + "  ".join(f"{name} {value:.4f}" for name, value in classes.items()))


if __name__ == "__main__":
    main()
