"""Trains the network "signs" on drawn pictures and exports signs.onnx.

    python3 train.py [--steps 9000] [--seed 1] [--out .]

Needs torch==2.13.0, onnx==1.23.2, numpy and pillow. One thread; the same machine and versions give the same weights.
Writes signs.onnx and signs.onnx.sha256; --steps 3 is a smoke run.
"""

import argparse
import copy
import hashlib
import math
import pathlib
import time
import warnings

import numpy as np
import torch
from PIL import Image

from draw import draw
from loss import detection_loss
from network import INPUT_SIZE, Signs

BATCH_SIZE = 16
FRESH_PER_STEP = 4  # pictures drawn for a step; the others of a batch come from the pool, a little changed
POOL_SIZE = 2000
SIZES = [(INPUT_SIZE, INPUT_SIZE), (284, 160), (INPUT_SIZE, INPUT_SIZE), (320, 240)]  # 1:1, 16:9 and 4:3
PEAK_RATE = 3e-3
WARM_UP_STEPS = 200
OPSET = 17


def network_input(pixels):
    """uint8 N x H x W x 3 -> float32 N x 3 x H x W; the recipe of signs.json."""
    return (torch.from_numpy(pixels).permute(0, 3, 1, 2).float() - 128) / 128


class Pool:
    """The most recently drawn pictures. Drawing a picture costs about as much as learning from it, so each is shown
    about four times, moved and tinted."""

    def __init__(self, seed):
        self._seed, self._drawn = seed, 0
        self._pixels = np.zeros((POOL_SIZE, INPUT_SIZE, INPUT_SIZE, 3), np.uint8)
        self._labels = [None] * POOL_SIZE
        self._random = np.random.default_rng(seed)

    def draw_one(self):
        """Half of the pictures are wider than the input and are stretched to it, as a user's pictures are."""
        width, height = SIZES[self._drawn % len(SIZES)]
        pixels, labels = draw(self._seed, self._drawn, width, height)
        if (width, height) != (INPUT_SIZE, INPUT_SIZE):
            pixels = np.asarray(Image.fromarray(pixels).resize((INPUT_SIZE, INPUT_SIZE), Image.BILINEAR))
        scale_x, scale_y = INPUT_SIZE / width, INPUT_SIZE / height
        slot = self._drawn % POOL_SIZE
        self._pixels[slot] = pixels
        self._labels[slot] = [(kind, left * scale_x, top * scale_y, right * scale_x, bottom * scale_y)
                              for kind, left, top, right, bottom in labels]
        self._drawn += 1
        return slot

    def batch(self):
        """(pixels, boxes N x M x 4 in pixels, classes N x M)."""
        fresh = [self.draw_one() for _ in range(FRESH_PER_STEP)]
        again = self._random.integers(0, min(self._drawn, POOL_SIZE), BATCH_SIZE - FRESH_PER_STEP)
        slots = np.concatenate([fresh, again])
        pixels = self._pixels[slots]
        labels = [self._labels[slot] for slot in slots]
        boxes = np.zeros((BATCH_SIZE, 4, 4), np.float32)  # four signs at most
        classes = np.zeros((BATCH_SIZE, 4), np.int64)
        for n, rows in enumerate(labels):
            for m, (kind, *box) in enumerate(rows):
                boxes[n, m], classes[n, m] = box, kind
            if n >= FRESH_PER_STEP:
                pixels[n], boxes[n] = self.shift(pixels[n], boxes[n])
        return pixels, boxes, classes

    def shift(self, pixels, boxes):
        """Moves a picture by up to 7 pixels; the border repeats. Boxes that get too narrow at the border are rare."""
        dx, dy = self._random.integers(-7, 8, 2)
        rows = np.clip(np.arange(INPUT_SIZE) - dy, 0, INPUT_SIZE - 1)
        columns = np.clip(np.arange(INPUT_SIZE) - dx, 0, INPUT_SIZE - 1)
        gain = 1 + self._random.uniform(-0.15, 0.15, 3).astype(np.float32)
        shifted = np.clip(pixels[rows][:, columns] * gain, 0, 255).astype(np.uint8)
        is_used = boxes[:, 2:3] > 0
        moved = np.clip(boxes + np.array([dx, dy, dx, dy], np.float32), 0, INPUT_SIZE)
        return shifted, moved * is_used


def learning_rate(step, steps):
    """Rises linearly, falls as a cosine to 1% of the peak."""
    warm = min(1.0, (step + 1) / min(WARM_UP_STEPS, steps))
    return PEAK_RATE * warm * (0.01 + 0.99 * (0.5 + 0.5 * math.cos(math.pi * step / steps)))


def averaged(average, model, step):
    """Keeps in `average` the moving mean of the weights and of the batch norm statistics."""
    keep = min(0.998, (step + 1) / (step + 10))
    with torch.no_grad():
        for mean, value in zip(average.state_dict().values(), model.state_dict().values()):
            if value.dtype.is_floating_point:
                mean.lerp_(value, 1 - keep)


def train(steps, seed):
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    model = Signs().to(memory_format=torch.channels_last).train()
    average = copy.deepcopy(model).eval()
    weights = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim == 1]  # biases and norms do not decay
    optimizer = torch.optim.AdamW([{"params": weights, "weight_decay": 0.02}, {"params": others, "weight_decay": 0}])
    pool, begin, recent = Pool(seed), time.monotonic(), 0.0
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, steps)
        pixels, boxes, classes = pool.batch()
        inputs = network_input(pixels).contiguous(memory_format=torch.channels_last)
        loss = detection_loss(model(inputs), torch.from_numpy(boxes), torch.from_numpy(classes))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        averaged(average, model, step)
        recent = 0.98 * recent + 0.02 * loss.item() if step else loss.item()
        if step % 100 == 0 or step == steps - 1:
            print(f"step {step:5d}  loss {recent:.4f}  {time.monotonic() - begin:6.0f} s", flush=True)
    return average


def export(model, path):
    """One file; the exporter folds the batch norms, as the model is in evaluation mode."""
    model = model.to(memory_format=torch.contiguous_format).eval()
    image = torch.zeros(1, 3, INPUT_SIZE, INPUT_SIZE)
    with warnings.catch_warnings():
        # PyTorch calls this exporter legacy; it needs no further package and names the nodes after the modules.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(model, (image,), str(path), dynamo=False, opset_version=OPSET, input_names=["image"],
                          output_names=["p8", "p16"])
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    path.with_name(path.name + ".sha256").write_text(f"{digest}  {path.name}\n")
    return digest


def main():
    parser = argparse.ArgumentParser(description="Trains the network signs and exports signs.onnx.")
    parser.add_argument("--steps", type=int, default=9000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parent)
    options = parser.parse_args()
    if options.steps < 1:
        parser.error(f"--steps {options.steps}: at least 1")
    options.out.mkdir(parents=True, exist_ok=True)
    model = train(options.steps, options.seed)
    print(export(model, options.out / "signs.onnx"))


if __name__ == "__main__":
    main()
