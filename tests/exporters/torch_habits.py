# What the larger collections of models do beside their main blocks: statistics by hand, weights that are computed, token
# mixers, deformable sampling, heads that compute expectations. Small and written by us.
import torch
import torch.nn as nn
import torch.nn.functional as F

from torch_convolutional import conv


class StandardizedConv(nn.Conv2d):
    def forward(self, x):
        weight = self.weight
        variance, mean = torch.var_mean(weight, dim=[1, 2, 3], keepdim=True, unbiased=False)
        return F.conv2d(x, (weight - mean) * torch.rsqrt(variance * weight[0].numel() + 1e-4), self.bias, self.stride, self.padding)


class NormFree(nn.Module):
    """NFNet: weights standardised at run time; a layer norm over channels from its own mean and variance."""

    def __init__(self):
        super().__init__()
        self.first, self.second = StandardizedConv(3, 16, 3, 2, 1), StandardizedConv(16, 16, 3, 1, 1)
        self.weight, self.bias, self.gain = nn.Parameter(torch.rand(16)), nn.Parameter(torch.rand(16)), nn.Parameter(torch.tensor(0.2))

    def forward(self, x):
        x = self.first(x)
        x = x + self.second(F.gelu(x) * 1.7015) * self.gain
        mean = x.mean(1, keepdim=True)
        variance = (x - mean).pow(2).mean(1, keepdim=True)
        return (x - mean) / torch.sqrt(variance + 1e-6) * self.weight[:, None, None] + self.bias[:, None, None]


class SplitAttention(nn.Module):
    """ResNeSt's radix softmax, then Res2Net's chain of splits and a gated linear unit."""

    def __init__(self):
        super().__init__()
        self.stem, self.radix = conv(3, 16, 3, 2), nn.Sequential(nn.Conv2d(16, 32, 3, padding=1, groups=2), nn.BatchNorm2d(32), nn.ReLU())
        self.down, self.up = nn.Conv2d(16, 8, 1), nn.Conv2d(8, 32, 1)
        self.chain, self.gate = nn.ModuleList([conv(4, 4) for _ in range(3)]), nn.Conv2d(16, 32, 1)

    def forward(self, x):
        y = self.radix(self.stem(x))
        batch, _, height, width = y.shape
        y = y.reshape(batch, 2, 16, height, width)
        weights = self.up(F.relu(self.down(F.adaptive_avg_pool2d(y.sum(dim=1), 1))))
        weights = F.softmax(weights.view(batch, 1, 2, -1).transpose(1, 2), dim=1).reshape(batch, 2, 16, 1, 1)
        parts = torch.split((y * weights).sum(dim=1), 4, 1)
        outputs, carried = [], None
        for part, layer in zip(parts, self.chain):
            carried = layer(part if carried is None else part + carried)
            outputs.append(carried)
        return F.glu(self.gate(torch.cat(outputs + [parts[3]], 1)), dim=1)


class GlobalContext(nn.Module):
    """GCNet: a softmax over all pixels weighs their sum; then involution, whose kernels come from the pixels."""

    def __init__(self):
        super().__init__()
        self.stem, self.mask = conv(3, 16, 3, 2), nn.Conv2d(16, 1, 1)
        self.transform = nn.Sequential(nn.Conv2d(16, 4, 1), nn.LayerNorm([4, 1, 1]), nn.ReLU(), nn.Conv2d(4, 16, 1))
        self.kernels = nn.Conv2d(16, 2 * 9, 1)

    def forward(self, x):
        x = self.stem(x)
        batch, channels, height, width = x.shape
        mask = self.mask(x).view(batch, 1, height * width).softmax(2).unsqueeze(-1)
        context = torch.matmul(x.view(batch, channels, height * width).unsqueeze(1), mask).view(batch, channels, 1, 1)
        x = x + self.transform(context)
        kernels = self.kernels(x).view(batch, 2, 9, height, width).unsqueeze(2)
        taps = F.unfold(x, 3, padding=1).view(batch, 2, channels // 2, 9, height, width)
        return (kernels * taps).sum(dim=3).view(batch, channels, height, width)


class PyramidPooling(nn.Module):
    """PSPNet: means over 1, 2, 3 and 6 squared areas, enlarged and joined; half size by a factor; the nearest pixel's centre."""

    def __init__(self):
        super().__init__()
        self.stem, self.branches = conv(3, 8, 3, 2), nn.ModuleList([conv(8, 2, 1) for _ in range(4)])
        self.last = conv(16, 8)

    def forward(self, x):
        x = self.stem(x)
        parts = [F.interpolate(branch(F.adaptive_avg_pool2d(x, bins)), x.shape[2:], mode="bilinear", align_corners=True)
                 for bins, branch in zip((1, 2, 3, 6), self.branches)]
        y = self.last(torch.cat([x, *parts], 1))
        return F.interpolate(y, scale_factor=0.5, mode="bilinear"), F.interpolate(y, scale_factor=1.5, mode="nearest-exact")


class MaxViT(nn.Module):
    """Attention within blocks and across a grid of them; LeViT's linear layers with batch norm and a table of biases."""

    def __init__(self, size=16, block=4):
        super().__init__()
        self.block, self.stem, self.norms = block, nn.Conv2d(3, size, 4, 4), nn.ModuleList([nn.LayerNorm(size) for _ in range(2)])
        self.qkv, self.out = nn.ModuleList([nn.Linear(size, 3 * size) for _ in range(2)]), nn.ModuleList([nn.Linear(size, size) for _ in range(2)])
        self.biases = nn.Parameter(torch.randn(2, block * block))
        self.register_buffer("places", torch.randint(0, block * block, (block * block, block * block)))
        self.last, self.batch_norm = nn.Linear(size, size, bias=False), nn.BatchNorm1d(size)

    def attend(self, x, i):
        count, tokens, size = x.shape[0] * x.shape[1], x.shape[2], x.shape[3]
        q, k, v = self.qkv[i](self.norms[i](x)).view(count, tokens, 2, 3 * size // 2).split([size // 2] * 3, dim=3)
        q, k, v = q.permute(0, 2, 1, 3), k.permute(0, 2, 3, 1), v.permute(0, 2, 1, 3)
        scores = q @ k * (size // 2) ** -0.5 + self.biases[:, self.places]
        return x + self.out[i]((scores.softmax(-1) @ v).transpose(1, 2).reshape(x.shape))

    def forward(self, x):
        x = self.stem(x).permute(0, 2, 3, 1)
        batch, height, width, size = x.shape
        n, m, b = height // self.block, width // self.block, self.block
        x = x.view(batch, n, b, m, b, size).permute(0, 1, 3, 2, 4, 5).reshape(batch, n * m, b * b, size)
        x = self.attend(x, 0).view(batch, n, m, b, b, size).permute(0, 1, 3, 2, 4, 5).reshape(batch, height, width, size)
        x = x.view(batch, b, n, b, m, size).permute(0, 2, 4, 1, 3, 5).reshape(batch, n * m, b * b, size)
        x = self.attend(x, 1).view(batch, n, m, b, b, size).permute(0, 3, 1, 4, 2, 5).reshape(batch, height * width, size)
        return F.hardswish(self.batch_norm(self.last(x).flatten(0, 1)).view(batch, -1, size))


class DeformableDecoder(nn.Module):
    """RT-DETR: the best places of a map become queries, which sample two levels where they say and weigh what they find."""

    def __init__(self, size=16, heads=2, points=2):
        super().__init__()
        self.heads, self.points = heads, points
        self.fine, self.coarse, self.score = nn.Conv2d(3, size, 4, 4), nn.Conv2d(size, size, 2, 2), nn.Linear(size, 3)
        self.offsets, self.weights, self.value, self.out = nn.Linear(size, heads * 2 * points * 2), nn.Linear(size, heads * 2 * points), nn.Linear(size, size), nn.Linear(size, size)

    def forward(self, x):
        maps = [self.fine(x)]
        maps.append(self.coarse(maps[0]))
        sizes = [y.shape[2:] for y in maps]
        memory = torch.cat([y.flatten(2).transpose(1, 2) for y in maps], 1)
        batch, _, size = memory.shape
        _, places = torch.topk(self.score(memory).max(-1).values, 6, dim=1)
        queries = memory.gather(dim=1, index=places.unsqueeze(-1).repeat(1, 1, size))
        offsets = self.offsets(queries).view(batch, 6, self.heads, 2, self.points, 2).tanh()
        weights = self.weights(queries).view(batch, 6, self.heads, 2 * self.points).softmax(-1)
        values = self.value(memory).split([height * width for height, width in sizes], dim=1)
        sampled = []
        for level, (height, width) in enumerate(sizes):
            value = values[level].flatten(2).transpose(1, 2).reshape(batch * self.heads, size // self.heads, height, width)
            grid = offsets[:, :, :, level].transpose(1, 2).flatten(0, 1)
            sampled.append(F.grid_sample(value, grid, mode="bilinear", padding_mode="zeros", align_corners=False))
        weights = weights.transpose(1, 2).reshape(batch * self.heads, 1, 6, 2 * self.points)
        y = (torch.stack(sampled, dim=-2).flatten(-2) * weights).sum(-1).view(batch, size, 6)
        return self.out(y.transpose(1, 2))


class Mixer(nn.Module):
    """MLP-Mixer over tokens and channels, gMLP's spatial gate, a 1-d convolution over the tokens."""

    def __init__(self, size=16, tokens=16):
        super().__init__()
        self.patches, self.norms = nn.Conv2d(3, size, 8, 8), nn.ModuleList([nn.LayerNorm(size) for _ in range(3)])
        self.tokens, self.channels = nn.Sequential(nn.Linear(tokens, 8), nn.GELU(), nn.Linear(8, tokens)), nn.Sequential(nn.Linear(size, 32), nn.GELU(), nn.Linear(32, size))
        self.enter, self.gate_norm, self.spatial, self.leave = nn.Linear(size, 32), nn.LayerNorm(16), nn.Conv1d(tokens, tokens, 1), nn.Linear(16, size)
        self.along = nn.Conv1d(size, size, 3, padding=1, groups=size)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = x + self.tokens(self.norms[0](x).transpose(1, 2)).transpose(1, 2)
        x = x + self.channels(self.norms[1](x))
        u, v = F.gelu(self.enter(self.norms[2](x))).chunk(2, dim=-1)
        x = x + self.leave(u * self.spatial(self.gate_norm(v)))
        return self.along(x.transpose(1, 2)).mean(dim=-1)


class DensePrediction(nn.Module):
    """DPT and Depth Anything: positions enlarged by bicubic, the class token read into all others, maps put together again."""

    def __init__(self, size=16):
        super().__init__()
        self.patches, self.token, self.positions = nn.Conv2d(3, size, 8, 8), nn.Parameter(torch.randn(1, 1, size)), nn.Parameter(torch.randn(1, 1 + 9, size))
        self.read, self.up, self.down = nn.Sequential(nn.Linear(2 * size, size), nn.GELU()), nn.ConvTranspose2d(size, 8, 4, 4), nn.Conv2d(size, 8, 3, 2, 1)
        self.merge, self.head = nn.Conv2d(8, 8, 3, padding=1, bias=False), nn.Sequential(nn.Conv2d(8, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 1, 1), nn.ReLU())

    def enlarged_positions(self, height, width):
        places = self.positions[:, 1:].reshape(1, 3, 3, -1).permute(0, 3, 1, 2)
        places = F.interpolate(places, size=(height, width), mode="bicubic", align_corners=False)
        return torch.cat((self.positions[:, :1], places.permute(0, 2, 3, 1).view(1, height * width, -1)), dim=1)

    def forward(self, x):
        x = self.patches(x)
        batch, size, height, width = x.shape
        x = torch.cat((self.token.expand(batch, -1, -1), x.flatten(2).transpose(1, 2)), dim=1) + self.enlarged_positions(height, width)
        tokens, read = x[:, 1:], x[:, 0].unsqueeze(1).expand_as(x[:, 1:])
        tokens = self.read(torch.cat((tokens, read), -1)).permute(0, 2, 1).reshape(batch, size, height, width)
        fine, coarse = self.up(tokens), self.down(tokens)
        y = self.merge(fine) + F.interpolate(coarse, size=fine.shape[2:], mode="bilinear", align_corners=True)
        return self.head(F.interpolate(y, scale_factor=2, mode="bilinear", align_corners=True)).squeeze(dim=1)


class HeatMaps(nn.Module):
    """Pose heads: a key point as the expectation over its heat map, as the largest place, and as RTMPose's two rows of bins."""

    def __init__(self):
        super().__init__()
        self.stem, self.heat, self.x, self.y = conv(3, 16, 3, 2), nn.ConvTranspose2d(16, 4, 4, 2, 1), nn.Linear(1024, 32), nn.Linear(1024, 32)

    def forward(self, x):
        heat = self.heat(self.stem(x))
        batch, count, height, width = heat.shape
        probability = F.softmax(heat.flatten(2), dim=-1).view(batch, count, height, width)
        rows, columns = torch.linspace(0, 1, height), torch.linspace(0, 1, width)
        expected = torch.stack([(probability.sum(2) * columns).sum(-1), (probability.sum(3) * rows).sum(-1)], -1)
        best, place = heat.flatten(2).max(dim=-1)
        places = torch.stack((place % width, torch.div(place, width, rounding_mode="trunc")), -1).float()
        places = torch.where(best.unsqueeze(-1) > 0.0, places, torch.full_like(places, -1.0))
        return expected, places, F.normalize(self.x(heat.flatten(2)), dim=-1), self.y(heat.flatten(2))


class ArrayHabits(nn.Module):
    """The small change of PyTorch code: flips, circular and replicated padding, std, clamp, cumulative sums, repeats, tiles."""

    def __init__(self):
        super().__init__()
        self.stem, self.circular = conv(3, 8, 3, 2), nn.Conv2d(8, 8, 3, padding=1, padding_mode="circular")
        self.replicated = nn.Conv2d(8, 8, 3, padding=1, padding_mode="replicate")

    def forward(self, x):
        x = self.replicated(F.softplus(self.circular(F.elu(self.stem(x)))))
        x = (x - x.mean((2, 3), keepdim=True)) / (x.std((2, 3), keepdim=True) + 1e-5)
        x = x.flip(-1).clamp(-2.0, 2.0) + torch.cumsum(x, dim=-1) / x.size(-1)
        x = x.repeat_interleave(2, dim=2) * F.hardtanh(x.repeat(1, 1, 2, 1))
        x = torch.maximum(x, x.roll(3, 1)) - x.abs().amax((2, 3), keepdim=True).reciprocal() * F.logsigmoid(x)
        return x.narrow(2, 1, 9).transpose(2, 3).contiguous(), torch.logsumexp(x, dim=1), x.flatten(1).norm(dim=1, keepdim=True)
