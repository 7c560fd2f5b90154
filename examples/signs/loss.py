"""Which cell answers for which box, and what its answer costs: quality focal loss for classes, GIoU for boxes."""

import torch
from torch.nn import functional

from network import INPUT_SIZE, STRIDES

SPLIT_SIDE = 44.0  # boxes with a longer side, in pixels, belong to stride 16
CENTRE_RADIUS = 1.5  # a cell answers if it lies this near the centre of the box, in strides


def cell_centres(stride):
    side = INPUT_SIZE // stride
    places = (torch.arange(side) + 0.5) * stride
    y, x = torch.meshgrid(places, places, indexing="ij")
    return x.reshape(-1), y.reshape(-1)


def giou_and_iou(a, b):
    """Of two sets of distances (left, top, right, bottom) from common centres."""
    area_a, area_b = (a[:, 0] + a[:, 2]) * (a[:, 1] + a[:, 3]), (b[:, 0] + b[:, 2]) * (b[:, 1] + b[:, 3])
    inner, outer = torch.minimum(a, b), torch.maximum(a, b)
    shared = (inner[:, 0] + inner[:, 2]) * (inner[:, 1] + inner[:, 3])
    hull = (outer[:, 0] + outer[:, 2]) * (outer[:, 1] + outer[:, 3])
    union = area_a + area_b - shared + 1e-6
    iou = shared / union
    return iou - (hull - union) / (hull + 1e-6), iou


def level_loss(output, stride, boxes, classes):
    """Sums over one level: (class loss, box loss, total quality).

    output: N x (4 + K) x H x W.  boxes: N x M x 4 in pixels, zeros where a picture has fewer.  classes: N x M.
    """
    count = output.shape[1] - 4
    flat = output.flatten(2).transpose(1, 2)
    x, y = cell_centres(stride)
    left, top, right, bottom = boxes.unbind(2)
    distances = torch.stack([x[None, :, None] - left[:, None], y[None, :, None] - top[:, None],
                             right[:, None] - x[None, :, None], bottom[:, None] - y[None, :, None]], 3)
    longer = torch.maximum(right - left, bottom - top)
    is_of_level = (longer > 0) & ((longer > SPLIT_SIDE) == (stride == 16))
    off_centre = torch.maximum((x[None, :, None] - (left + right)[:, None] / 2).abs(),
                               (y[None, :, None] - (top + bottom)[:, None] / 2).abs())
    answers = is_of_level[:, None] & (distances.amin(3) > 0) & (off_centre < CENTRE_RADIUS * stride)
    # Signs do not overlap, so at most one box holds a cell.
    picture, cell, box = answers.nonzero(as_tuple=True)
    wanted = distances[picture, cell, box] / stride
    giou, iou = giou_and_iou(flat[picture, cell, :4], wanted)
    quality = torch.zeros(*flat.shape[:2], count)
    quality[picture, cell, classes[picture, box]] = iou.detach()
    logits = flat[..., 4:]
    weight = (quality - logits.sigmoid()).abs() ** 2
    class_loss = functional.binary_cross_entropy_with_logits(logits, quality, reduction="none") * weight
    return class_loss.sum(), ((1 - giou) * (0.1 + iou.detach())).sum(), (0.1 + iou.detach()).sum()


def detection_loss(outputs, boxes, classes):
    parts = [level_loss(output, stride, boxes, classes) for output, stride in zip(outputs, STRIDES)]
    class_loss, box_loss, quality = (sum(values) for values in zip(*parts))
    return (class_loss + 2 * box_loss) / quality.clamp(min=1)
