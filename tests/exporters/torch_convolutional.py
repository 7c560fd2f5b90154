# Convolutional building blocks as timm and torchvision write them, small and written by us.
import torch
import torch.nn as nn
import torch.nn.functional as F


def conv(inputs, outputs, kernel=3, stride=1, groups=1, dilation=1, activation=nn.ReLU):
    layers = [nn.Conv2d(inputs, outputs, kernel, stride, dilation * (kernel // 2), dilation, groups, bias=False), nn.BatchNorm2d(outputs)]
    return nn.Sequential(*layers, *([activation()] if activation else []))


class Bottleneck(nn.Module):
    """ResNet: stem with max pooling, a bottleneck with a projected shortcut, mean and classifier."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(conv(3, 16, 7, 2), nn.MaxPool2d(3, 2, 1))
        self.body = nn.Sequential(conv(16, 8, 1), conv(8, 8, 3, 2), conv(8, 32, 1, activation=None))
        self.shortcut = conv(16, 32, 1, 2, activation=None)
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(32, 10))

    def forward(self, x):
        x = self.stem(x)
        return self.head(F.relu(self.body(x) + self.shortcut(x), inplace=True))


class InvertedResidual(nn.Module):
    """MobileNetV2: ReLU6 and a linear bottleneck; the mean is written x.mean([2, 3])."""

    def __init__(self):
        super().__init__()
        self.stem = conv(3, 8, 3, 2, activation=nn.ReLU6)
        self.body = nn.Sequential(conv(8, 32, 1, activation=nn.ReLU6), conv(32, 32, groups=32, activation=nn.ReLU6), conv(32, 8, 1, activation=None))
        self.head = nn.Linear(8, 10)

    def forward(self, x):
        x = self.stem(x)
        return self.head((x + self.body(x)).mean([2, 3]))


class SqueezeExcite(nn.Module):
    def __init__(self, channels, activation, gate):
        super().__init__()
        self.reduce, self.expand = nn.Conv2d(channels, channels // 4, 1), nn.Conv2d(channels // 4, channels, 1)
        self.activation, self.gate = activation(), gate()

    def forward(self, x):
        return x * self.gate(self.expand(self.activation(self.reduce(x.mean((2, 3), keepdim=True)))))


class EfficientNetBlock(nn.Module):
    """MBConv with squeeze and excitation by SiLU and sigmoid; the stem pads as TensorFlow's "same" does."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, 2, bias=False)
        self.expand, self.depthwise = conv(8, 32, 1, activation=nn.SiLU), conv(32, 32, 5, groups=32, activation=nn.SiLU)
        self.squeeze, self.project = SqueezeExcite(32, nn.SiLU, nn.Sigmoid), conv(32, 8, 1, activation=None)

    def forward(self, x):
        height, width = x.shape[-2:]
        down, right = max((-(-height // 2) - 1) * 2 + 3 - height, 0), max((-(-width // 2) - 1) * 2 + 3 - width, 0)
        x = self.stem(F.pad(x, [right // 2, right - right // 2, down // 2, down - down // 2]))
        return x + self.project(self.squeeze(self.depthwise(self.expand(x))))


class MobileNetV3Block(nn.Module):
    """Hard swish, hard sigmoid gates, a classifier of 1x1 convolutions."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(conv(3, 16, 3, 2, activation=nn.Hardswish), conv(16, 16, 5, groups=16, activation=nn.Hardswish),
                                  SqueezeExcite(16, nn.ReLU, nn.Hardsigmoid), nn.AdaptiveAvgPool2d(1), nn.Conv2d(16, 32, 1), nn.Hardswish(),
                                  nn.Flatten(1), nn.Linear(32, 10))

    def forward(self, x):
        return self.body(x)


class ChannelsFirstNorm(nn.LayerNorm):
    def forward(self, x):
        return F.layer_norm(x.permute(0, 2, 3, 1), self.normalized_shape, self.weight, self.bias, self.eps).permute(0, 3, 1, 2)


class ConvNeXtBlock(nn.Module):
    """7x7 depthwise, layer norm and linear layers over permuted maps, GELU, layer scale."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 4, 4), ChannelsFirstNorm(16, eps=1e-6))
        self.depthwise, self.norm = nn.Conv2d(16, 16, 7, padding=3, groups=16), nn.LayerNorm(16, eps=1e-6)
        self.up, self.down, self.scale = nn.Linear(16, 64), nn.Linear(64, 16), nn.Parameter(0.5 + torch.rand(16))

    def forward(self, x):
        x = self.stem(x)
        y = self.norm(self.depthwise(x).permute(0, 2, 3, 1))
        y = self.down(F.gelu(self.up(y))) * self.scale
        return x + y.permute(0, 3, 1, 2)


class ConvNeXtV2Block(nn.Module):
    """Global response normalisation, the tanh GELU."""

    def __init__(self):
        super().__init__()
        self.stem, self.norm = nn.Conv2d(3, 16, 4, 4), nn.LayerNorm(16)
        self.up, self.down = nn.Linear(16, 64), nn.Linear(64, 16)
        self.gamma, self.beta = nn.Parameter(torch.rand(1, 1, 1, 64)), nn.Parameter(torch.rand(1, 1, 1, 64))

    def forward(self, x):
        x = self.stem(x)
        y = F.gelu(self.up(self.norm(x.permute(0, 2, 3, 1))), approximate="tanh")
        response = torch.norm(y, p=2, dim=(1, 2), keepdim=True)
        y = self.gamma * (y * (response / (response.mean(dim=-1, keepdim=True) + 1e-6))) + self.beta + y
        return x + self.down(y).permute(0, 3, 1, 2)


class ShuffleUnit(nn.Module):
    """ShuffleNetV2: chunk, two branches, concat, channel shuffle by view and transpose."""

    def __init__(self):
        super().__init__()
        self.stem = conv(3, 16, 3, 2)
        self.branch = nn.Sequential(conv(8, 8, 1), conv(8, 8, groups=8, activation=None), conv(8, 8, 1))

    @staticmethod
    def shuffle(x, groups):
        batch, channels, height, width = x.size()
        return torch.transpose(x.view(batch, groups, channels // groups, height, width), 1, 2).contiguous().view(batch, -1, height, width)

    def forward(self, x):
        x = self.stem(x)
        for _ in range(2):
            kept, worked = x.chunk(2, dim=1)
            x = self.shuffle(torch.cat((kept, self.branch(worked)), dim=1), 2)
        return x


class GhostModule(nn.Module):
    """Cheap maps by a depthwise convolution, joined and cut to the wanted number of channels."""

    def __init__(self):
        super().__init__()
        self.primary, self.cheap = conv(3, 10), conv(10, 10, groups=10)

    def forward(self, x):
        x = self.primary(x)
        return torch.cat([x, self.cheap(x)], dim=1)[:, :17, :, :]


class RepVGGBlock(nn.Module):
    """Three branches with batch norm each, before they are merged; leaky ReLU."""

    def __init__(self):
        super().__init__()
        self.stem = conv(3, 16)
        self.three, self.one, self.identity = conv(16, 16, activation=None), conv(16, 16, 1, activation=None), nn.BatchNorm2d(16)

    def forward(self, x):
        x = self.stem(x)
        return F.leaky_relu(self.three(x) + self.one(x) + self.identity(x), 0.1)


class ResNeXtBlock(nn.Module):
    """Grouped convolution and anti-aliased downsampling: a fixed blur over reflected borders."""

    def __init__(self):
        super().__init__()
        self.stem, self.grouped = conv(3, 16), conv(16, 32, groups=4)
        taps = torch.tensor([1.0, 2.0, 1.0])
        self.register_buffer("blur", (taps[:, None] * taps[None, :] / 16)[None, None].repeat(32, 1, 1, 1))
        self.shortcut = nn.Sequential(nn.AvgPool2d(2, 2, ceil_mode=True, count_include_pad=False), conv(16, 32, 1, activation=None))

    def forward(self, x):
        x = self.stem(x)
        y = F.conv2d(F.pad(self.grouped(x), (1, 1, 1, 1), mode="reflect"), self.blur, stride=2, groups=32)
        return F.relu(y + self.shortcut(x))


class BlockAttention(nn.Module):
    """CBAM: channel gate from mean and maximum, spatial gate from both over channels; then ECA by a 1-d convolution."""

    def __init__(self):
        super().__init__()
        self.stem = conv(3, 16, 3, 2)
        self.mlp = nn.Sequential(nn.Conv2d(16, 4, 1, bias=False), nn.ReLU(), nn.Conv2d(4, 16, 1, bias=False))
        self.spatial, self.eca = nn.Conv2d(2, 1, 7, padding=3, bias=False), nn.Conv1d(1, 1, 3, padding=1, bias=False)

    def forward(self, x):
        x = self.stem(x)
        x = x * torch.sigmoid(self.mlp(F.adaptive_avg_pool2d(x, 1)) + self.mlp(F.adaptive_max_pool2d(x, 1)))
        pooled = torch.cat([torch.mean(x, dim=1, keepdim=True), torch.max(x, dim=1, keepdim=True)[0]], dim=1)
        x = x * torch.sigmoid(self.spatial(pooled))
        gate = self.eca(F.adaptive_avg_pool2d(x, 1).squeeze(-1).transpose(-1, -2))
        return x * torch.sigmoid(gate.transpose(-1, -2).unsqueeze(-1)).expand_as(x)


class CoordinateAttention(nn.Module):
    """Means over rows and over columns, joined, split again, two gates."""

    def __init__(self):
        super().__init__()
        self.stem, self.shared = conv(3, 16, 3, 2), conv(16, 8, 1, activation=nn.Hardswish)
        self.rows, self.columns = nn.Conv2d(8, 16, 1), nn.Conv2d(8, 16, 1)

    def forward(self, x):
        x = self.stem(x)
        height, width = x.shape[2:]
        rows, columns = F.adaptive_avg_pool2d(x, (None, 1)), F.adaptive_avg_pool2d(x, (1, None)).permute(0, 1, 3, 2)
        rows, columns = torch.split(self.shared(torch.cat([rows, columns], dim=2)), [height, width], dim=2)
        return x * self.rows(rows).sigmoid() * self.columns(columns.permute(0, 1, 3, 2)).sigmoid()


class SuperResolution(nn.Module):
    """PReLU, instance and group norm, pixel shuffle and its inverse, a bicubic shortcut."""

    def __init__(self):
        super().__init__()
        self.unshuffle, self.body, self.prelu = nn.PixelUnshuffle(2), nn.Conv2d(12, 16, 3, padding=1), nn.PReLU(16)
        self.instance, self.group, self.shuffle = nn.InstanceNorm2d(16, affine=True), nn.GroupNorm(4, 16), nn.PixelShuffle(4)
        self.last = nn.Conv2d(16, 48, 3, padding=1, padding_mode="reflect")

    def forward(self, x):
        y = self.prelu(self.instance(self.body(self.unshuffle(x))))
        y = self.shuffle(self.last(F.mish(self.group(y))))
        return y + F.interpolate(x, scale_factor=2, mode="bicubic", align_corners=False)


class UNet(nn.Module):
    """Down by max pooling, up by transposed convolution, concat with the skipped map, softmax over channels."""

    def __init__(self):
        super().__init__()
        self.first, self.second = conv(3, 8), conv(8, 16)
        self.up, self.last, self.classes = nn.ConvTranspose2d(16, 8, 2, 2), conv(16, 8), nn.ConvTranspose2d(8, 4, 3, 1, 1)

    def forward(self, x):
        skipped = self.first(x)
        y = self.up(self.second(F.max_pool2d(skipped, 2)))
        return F.softmax(self.classes(self.last(torch.cat([skipped, y], dim=1))), dim=1)


class Aspp(nn.Module):
    """DeepLabV3: dilated branches, a pooled branch enlarged to the others' size, bilinear enlargement to the picture's."""

    def __init__(self):
        super().__init__()
        self.stem = conv(3, 8, 3, 2)
        self.branches = nn.ModuleList([conv(8, 8, 1), conv(8, 8, dilation=2), conv(8, 8, dilation=4)])
        self.pooled, self.last = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(8, 8, 1), nn.ReLU()), nn.Conv2d(32, 5, 1)

    def forward(self, x):
        y = self.stem(x)
        pooled = F.interpolate(self.pooled(y), size=y.shape[-2:], mode="bilinear", align_corners=False)
        y = self.last(torch.cat([branch(y) for branch in self.branches] + [pooled], dim=1))
        return F.interpolate(y, size=x.shape[-2:], mode="bilinear", align_corners=False).argmax(1), y


class SpatialTransformer(nn.Module):
    """grid_sample where a small localisation network says; the affine grid is spelled out."""

    def __init__(self, side=32):
        super().__init__()
        self.features, self.theta = nn.Sequential(conv(3, 8, 3, 2), nn.AdaptiveAvgPool2d(2), nn.Flatten()), nn.Linear(32, 6)
        self.theta.weight.data.mul_(0.2)
        self.theta.keeps_weight = True
        self.theta.bias.data.copy_(torch.tensor([0.9, 0.1, 0.05, -0.1, 0.8, 0.1]))
        places = (2 * torch.arange(side) + 1) / side - 1
        y, x = torch.meshgrid(places, places, indexing="ij")
        self.register_buffer("base", torch.stack([x, y, torch.ones_like(x)], -1).view(1, side * side, 3))

    def forward(self, x):
        theta = self.theta(self.features(x)).view(-1, 2, 3)
        grid = torch.bmm(self.base.expand(x.size(0), -1, -1), theta.transpose(1, 2)).view(-1, x.size(2), x.size(3), 2)
        return F.grid_sample(x, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
