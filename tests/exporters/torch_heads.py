# Necks and heads of detectors in the style of Ultralytics, YOLOX, torchvision and CenterNet, small and written by us.
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

from torch_convolutional import conv


def silu_conv(inputs, outputs, kernel=3, stride=1, groups=1):
    return conv(inputs, outputs, kernel, stride, groups, activation=nn.SiLU)


class C2f(nn.Module):
    """Split, bottlenecks in a row, everything joined; then SPPF and an enlarged concat."""

    def __init__(self):
        super().__init__()
        self.stem, self.enter, self.leave = silu_conv(3, 16, 3, 2), silu_conv(16, 16, 1), silu_conv(32, 16, 1)
        self.bottlenecks = nn.ModuleList(nn.Sequential(silu_conv(8, 8), silu_conv(8, 8)) for _ in range(2))
        self.down, self.reduce, self.pooled = silu_conv(16, 16, 3, 2), silu_conv(16, 8, 1), silu_conv(32, 16, 1)

    def forward(self, x):
        maps = list(self.enter(self.stem(x)).chunk(2, 1))
        for bottleneck in self.bottlenecks:
            maps.append(maps[-1] + bottleneck(maps[-1]))
        x = self.leave(torch.cat(maps, 1))
        pools = [self.reduce(self.down(x))]
        for _ in range(3):
            pools.append(F.max_pool2d(pools[-1], 5, 1, 2))
        y = self.pooled(torch.cat(pools, 1))
        return torch.cat([F.interpolate(y, scale_factor=2.0, mode="nearest"), x], 1)


class Focus(nn.Module):
    """YOLOv5's stem: four slices joined."""

    def __init__(self):
        super().__init__()
        self.conv = silu_conv(12, 16)

    def forward(self, x):
        return self.conv(torch.cat([x[..., ::2, ::2], x[..., 1::2, ::2], x[..., ::2, 1::2], x[..., 1::2, 1::2]], 1))


def make_anchors(sizes, strides):
    points, steps = [], []
    for (height, width), stride in zip(sizes, strides):
        y, x = torch.meshgrid(torch.arange(height) + 0.5, torch.arange(width) + 0.5, indexing="ij")
        points.append(torch.stack((x, y), -1).view(-1, 2))
        steps.append(torch.full((height * width, 1), float(stride)))
    return torch.cat(points).transpose(0, 1), torch.cat(steps).transpose(0, 1)


class DetectV8(nn.Module):
    """YOLOv8's head: distributions of distances, their means by softmax and a fixed convolution, boxes in pixels."""

    def __init__(self, bins=8, classes=4):
        super().__init__()
        self.bins, self.classes = bins, classes
        self.levels = nn.ModuleList([silu_conv(3, 16, 3, 4), silu_conv(16, 16, 3, 2)])
        self.boxes = nn.ModuleList(nn.Sequential(silu_conv(16, 16), nn.Conv2d(16, 4 * bins, 1)) for _ in range(2))
        self.scores = nn.ModuleList(nn.Sequential(silu_conv(16, 16), nn.Conv2d(16, classes, 1)) for _ in range(2))
        self.mean = nn.Conv2d(bins, 1, 1, bias=False)
        self.mean.weight.data[:] = torch.arange(bins, dtype=torch.float).view(1, bins, 1, 1)
        self.mean.keeps_weight = True

    def forward(self, x):
        maps = []
        for level in self.levels:
            x = level(x)
            maps.append(x)
        joined = [torch.cat((box(y), score(y)), 1) for box, score, y in zip(self.boxes, self.scores, maps)]
        anchors, strides = make_anchors([y.shape[2:] for y in joined], (4, 8))
        whole = torch.cat([y.view(y.shape[0], 4 * self.bins + self.classes, -1) for y in joined], 2)
        box, score = whole.split((4 * self.bins, self.classes), 1)
        batch, _, count = box.shape
        distances = self.mean(box.view(batch, 4, self.bins, count).transpose(2, 1).softmax(1)).view(batch, 4, count)
        before, after = distances.chunk(2, 1)
        first, last = anchors.unsqueeze(0) - before, anchors.unsqueeze(0) + after
        return torch.cat((torch.cat(((first + last) / 2, last - first), 1) * strides, score.sigmoid()), 1)


class DetectV5(nn.Module):
    """YOLOv5's head: anchors as parameters, a view of five dimensions, boxes written in place."""

    def __init__(self, classes=4):
        super().__init__()
        self.width = classes + 5
        self.stem, self.out = silu_conv(3, 16, 3, 8), nn.Conv2d(16, 3 * self.width, 1)
        self.register_buffer("anchors", torch.tensor([[10.0, 13], [16, 30], [33, 23]]).view(1, 3, 1, 1, 2))

    def forward(self, x):
        x = self.out(self.stem(x))
        batch, _, height, width = x.shape
        x = x.view(batch, 3, self.width, height, width).permute(0, 1, 3, 4, 2).contiguous()
        y, column = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
        grid = torch.stack((column, y), 2).view(1, 1, height, width, 2).float()
        y = x.sigmoid()
        y[..., 0:2] = (y[..., 0:2] * 2.0 - 0.5 + grid) * 8
        y[..., 2:4] = (y[..., 2:4] * 2) ** 2 * self.anchors
        return y.view(batch, -1, self.width)


class DecoupledHead(nn.Module):
    """YOLOX: separate towers joined as channels, levels flattened and permuted, boxes by exp."""

    def __init__(self):
        super().__init__()
        self.levels = nn.ModuleList([silu_conv(3, 16, 3, 4), silu_conv(16, 16, 3, 2)])
        self.classes, self.boxes, self.objects = nn.Conv2d(16, 4, 1), nn.Conv2d(16, 4, 1), nn.Conv2d(16, 1, 1)

    def forward(self, x):
        outputs = []
        for level in self.levels:
            x = level(x)
            outputs.append(torch.cat([self.boxes(x), self.objects(x).sigmoid(), self.classes(x).sigmoid()], 1))
        sizes = [output.shape[-2:] for output in outputs]
        grid, strides = make_anchors(sizes, (4, 8))
        outputs = torch.cat([output.flatten(start_dim=2) for output in outputs], dim=2).permute(0, 2, 1)
        grid, strides = grid.transpose(0, 1)[None] - 0.5, strides.transpose(0, 1)[None]
        return torch.cat([(outputs[..., 0:2] + grid) * strides, torch.exp(outputs[..., 2:4]) * strides, outputs[..., 4:]], dim=-1)


class PositionAttention(nn.Module):
    """The attention of YOLOv10 and v11: queries, keys and values of a convolution, scaled scores over pixels."""

    def __init__(self, channels=16, heads=2):
        super().__init__()
        self.heads, self.head_size, self.key_size = heads, channels // heads, channels // heads // 2
        self.stem = silu_conv(3, channels, 3, 4)
        self.qkv = conv(channels, channels + 2 * self.key_size * heads, 1, activation=None)
        self.projection, self.position = conv(channels, channels, 1, activation=None), conv(channels, channels, groups=channels, activation=None)

    def forward(self, x):
        x = self.stem(x)
        batch, channels, height, width = x.shape
        qkv = self.qkv(x).view(batch, self.heads, 2 * self.key_size + self.head_size, height * width)
        q, k, v = qkv.split([self.key_size, self.key_size, self.head_size], dim=2)
        scores = ((q.transpose(-2, -1) @ k) * self.key_size**-0.5).softmax(dim=-1)
        y = (v @ scores.transpose(-2, -1)).view(batch, channels, height, width) + self.position(v.reshape(batch, channels, height, width))
        return x + self.projection(y)


class FeaturePyramid(nn.Module):
    """torchvision's FPN and RetinaNet head: lateral sums over nearest enlargement to a given size, group norm towers."""

    def __init__(self):
        super().__init__()
        self.first, self.second = conv(3, 8, 3, 2), conv(8, 16, 3, 2)
        self.lateral = nn.ModuleList([nn.Conv2d(8, 16, 1), nn.Conv2d(16, 16, 1)])
        self.smooth = nn.ModuleList([nn.Conv2d(16, 16, 3, padding=1) for _ in range(2)])
        self.tower = nn.Sequential(nn.Conv2d(16, 16, 3, padding=1), nn.GroupNorm(8, 16), nn.ReLU(), nn.Conv2d(16, 9 * 3, 3, padding=1))

    def forward(self, x):
        fine = self.first(x)
        coarse = self.second(fine)
        top = self.lateral[1](coarse)
        below = self.lateral[0](fine) + F.interpolate(top, size=fine.shape[-2:], mode="nearest")
        outputs = []
        for features in (self.smooth[0](below), self.smooth[1](top)):
            scores = self.tower(features)
            batch, _, height, width = scores.shape
            outputs.append(scores.view(batch, -1, 3, height, width).permute(0, 3, 4, 1, 2).reshape(batch, -1, 3))
        return torch.cat(outputs, dim=1)


class BiFpn(nn.Module):
    """EfficientDet: sums weighted by normalised positive weights, padded pooling, bilinear enlargement by corners."""

    def __init__(self):
        super().__init__()
        self.first, self.second = conv(3, 16, 3, 2), conv(16, 16, 3, 2)
        self.up, self.down = nn.Parameter(torch.rand(2)), nn.Parameter(torch.rand(2))
        self.after_up, self.after_down = conv(16, 16, groups=16, activation=nn.SiLU), conv(16, 16, groups=16, activation=nn.SiLU)

    @staticmethod
    def weighted(parts, weights):
        weights = F.relu(weights)
        weights = weights / (weights.sum() + 1e-4)
        return torch.sum(torch.stack(parts, dim=-1) * weights, dim=-1)

    def forward(self, x):
        fine = self.first(x)
        coarse = self.second(fine)
        fine = self.after_up(self.weighted([fine, F.interpolate(coarse, scale_factor=2, mode="bilinear", align_corners=True)], self.up))
        pooled = F.max_pool2d(F.pad(fine, (0, 1, 0, 1), value=-float("inf")), 3, 2)
        return fine, self.after_down(self.weighted([coarse, pooled], self.down))


class CenterHead(nn.Module):
    """CenterNet: peaks of a heat map by max pooling, the best of them, sizes gathered at them."""

    def __init__(self):
        super().__init__()
        self.stem, self.heat, self.size = conv(3, 16, 3, 2), nn.Conv2d(16, 4, 1), nn.Conv2d(16, 2, 1)

    def forward(self, x):
        x = self.stem(x)
        heat, sizes = self.heat(x).sigmoid(), self.size(x)
        heat = heat * (F.max_pool2d(heat, 3, 1, 1) == heat).float()
        batch, _, height, width = heat.shape
        scores, places = torch.topk(heat.view(batch, -1), 8)
        places = places % (height * width)
        rows, columns = torch.div(places, width, rounding_mode="floor").float(), (places % width).float()
        sizes = sizes.permute(0, 2, 3, 1).reshape(batch, -1, 2).gather(1, places.unsqueeze(2).expand(-1, -1, 2))
        return scores, torch.stack([columns, rows], -1), sizes


class TextRecogniser(nn.Module):
    """CRNN without its recurrence: the height pooled away, the width as sequence, log softmax."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(conv(3, 16), nn.MaxPool2d(2, 2), conv(16, 16), nn.MaxPool2d((2, 1), (2, 1)), conv(16, 32), nn.AdaptiveAvgPool2d((1, None)))
        self.classes = nn.Linear(32, 11)

    def forward(self, x):
        x = self.body(x).squeeze(2).permute(2, 0, 1)
        return F.log_softmax(self.classes(x), dim=2)


def sine_positions(height, width, channels):
    """The fixed position code of DETR for a map: [height * width, channels]."""
    y, x = torch.meshgrid(torch.arange(1, height + 1) / height, torch.arange(1, width + 1) / width, indexing="ij")
    steps = 10000 ** (2 * (torch.arange(channels // 2) // 2) / (channels // 2))
    parts = [2 * math.pi * axis[..., None] / steps for axis in (y, x)]
    waves = [torch.stack((part[..., 0::2].sin(), part[..., 1::2].cos()), dim=3).flatten(2) for part in parts]
    return torch.cat(waves, dim=2).view(height * width, channels)
