"""The network "signs" in PyTorch: a residual trunk, a two-level pyramid, and an anchor-free head at strides 8 and 16.

    image 1x3x160x160 -> p8 1x9x20x20, p16 1x9x10x10

Channels 0..3 are the distances from the centre of the cell to the left, top, right and bottom of the box, in strides;
channels 4.. are one logit per class. The channel counts are multiples of 32, as the pruning patterns like them, and
every operator that a small detector is made of occurs: convolution, depthwise, add, max pool, resize, concat, clip.
"""

import torch
from torch import nn

CLASS_COUNT = 5
INPUT_SIZE = 160
STRIDES = (8, 16)


class Conv(nn.Sequential):
    """Convolution, batch norm, activation. No bias: the batch norm has one."""

    def __init__(self, inputs, outputs, kernel, stride=1, groups=1, activation=nn.ReLU):
        super().__init__()
        self.add_module("conv", nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False))
        self.add_module("norm", nn.BatchNorm2d(outputs))
        if activation:
            self.add_module("act", activation())


class Separable(nn.Sequential):
    """Depthwise 3x3, then 1x1. ReLU6 bounds what the depthwise filters make, whose ranges differ most."""

    def __init__(self, inputs, outputs, stride=1, activation=nn.ReLU6):
        super().__init__()
        self.add_module("depthwise", Conv(inputs, inputs, 3, stride, groups=inputs, activation=nn.ReLU6))
        self.add_module("pointwise", Conv(inputs, outputs, 1, activation=activation))


class Residual(nn.Module):
    """relu(x + body(x))."""

    def __init__(self, *body):
        super().__init__()
        self.body = nn.Sequential(*body)
        self.act = nn.ReLU()

    def forward(self, x):
        return self.act(x + self.body(x))


class Head(nn.Module):
    """One level: features -> distances and logits in one tensor."""

    def __init__(self, channels):
        super().__init__()
        self.tower = Separable(channels, channels)
        self.distances = nn.Conv2d(channels, 4, 1)
        self.logits = nn.Conv2d(channels, CLASS_COUNT, 1)
        self.act = nn.ReLU()
        nn.init.constant_(self.distances.bias, 2.0)  # a usual distance: keeps the ReLU open at the start
        nn.init.constant_(self.logits.bias, -4.0)  # nearly all cells are background

    def forward(self, x):
        x = self.tower(x)
        return torch.cat([self.act(self.distances(x)), self.logits(x)], 1)


class Signs(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = Conv(3, 32, 3, stride=2)
        self.pool = nn.MaxPool2d(2)
        self.stage4 = Residual(Conv(32, 32, 3), Conv(32, 32, 3, activation=None))
        self.down8 = Conv(32, 64, 3, stride=2)
        self.stage8 = Residual(Conv(64, 32, 1), Conv(32, 64, 3, activation=None))
        self.down16 = Separable(64, 96, stride=2)
        self.stage16 = nn.Sequential(Residual(Separable(96, 96, activation=None)),
                                     Residual(Separable(96, 96, activation=None)))
        self.lateral = Conv(96, 64, 1)
        self.up = nn.Upsample(scale_factor=2, mode="nearest")
        self.fuse = Conv(128, 64, 1)
        self.head8 = Head(64)
        self.head16 = Head(64)

    def forward(self, image):
        c8 = self.stage8(self.down8(self.stage4(self.pool(self.stem(image)))))
        top = self.lateral(self.stage16(self.down16(c8)))
        fused = self.fuse(torch.cat([self.up(top), c8], 1))
        return self.head8(fused), self.head16(top)
