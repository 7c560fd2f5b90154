"""Outputs of the network -> boxes: the decoder `fcos`, in NumPy. The C++ decoder of the same name is its twin."""

import numpy as np

STRIDES = (8, 16)
NMS_IOU = 0.5


def decode_level(output, stride):
    """output: (4 + K) x H x W. Returns boxes (cells x left, top, right, bottom, input pixels), scores (cells x K)."""
    count, height, width = output.shape
    x = (np.arange(width) + 0.5) * stride
    y = (np.arange(height) + 0.5) * stride
    left, top, right, bottom = output[:4] * stride
    boxes = np.stack([x - left, y[:, None] - top, x + right, y[:, None] + bottom], -1).reshape(-1, 4)
    scores = 1 / (1 + np.exp(-output[4:].astype(np.float64)))
    return boxes, scores.reshape(count - 4, -1).T


def iou_with(box, boxes):
    left, top = np.maximum(box[0], boxes[:, 0]), np.maximum(box[1], boxes[:, 1])
    right, bottom = np.minimum(box[2], boxes[:, 2]), np.minimum(box[3], boxes[:, 3])
    shared = np.clip(right - left, 0, None) * np.clip(bottom - top, 0, None)
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    union = (box[2] - box[0]) * (box[3] - box[1]) + areas - shared
    return shared / np.maximum(union, 1e-9)


def suppress(boxes, scores):
    """Indices of the boxes that stay: best first, none that overlaps a better one by more than NMS_IOU."""
    order, kept = np.argsort(-scores, kind="stable"), []
    while len(order):
        best, order = order[0], order[1:]
        kept.append(best)
        order = order[iou_with(boxes[best], boxes[order]) <= NMS_IOU]
    return kept


def decode(outputs, score_threshold=0.3, size=(160, 160)):
    """outputs: one array (4 + K) x H x W per stride. Returns [(class, score, left, top, right, bottom)], best first."""
    levels = [decode_level(output, stride) for output, stride in zip(outputs, STRIDES)]
    boxes = np.concatenate([boxes for boxes, _ in levels])
    scores = np.concatenate([scores for _, scores in levels])
    boxes = np.clip(boxes, 0, [size[1], size[0], size[1], size[0]])
    found = []
    for kind in range(scores.shape[1]):
        chosen = np.flatnonzero(scores[:, kind] >= score_threshold)
        for index in suppress(boxes[chosen], scores[chosen, kind]):
            found.append((kind, float(scores[chosen[index], kind]), *boxes[chosen[index]].tolist()))
    return sorted(found, key=lambda row: -row[1])
