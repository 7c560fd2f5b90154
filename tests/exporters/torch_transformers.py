# Vision transformers as Hugging Face, timm and PyTorch's own layers write them, small and written by us.
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

from torch_convolutional import conv
from torch_heads import sine_positions


class Mlp(nn.Module):
    def __init__(self, size, activation=nn.GELU):
        super().__init__()
        self.up, self.activation, self.down = nn.Linear(size, 2 * size), activation(), nn.Linear(2 * size, size)

    def forward(self, x):
        return self.down(self.activation(self.up(x)))


class SpelledAttention(nn.Module):
    """Separate linear layers, scores divided by a root, as Hugging Face's eager attention is."""

    def __init__(self, size, heads):
        super().__init__()
        self.heads, self.head_size = heads, size // heads
        self.query, self.key, self.value, self.out = (nn.Linear(size, size) for _ in range(4))

    def split(self, x):
        return x.view(x.shape[0], -1, self.heads, self.head_size).transpose(1, 2)

    def forward(self, x, context=None):
        context = x if context is None else context
        q, k, v = self.split(self.query(x)), self.split(self.key(context)), self.split(self.value(context))
        scores = torch.matmul(q, k.transpose(-1, -2)) / math.sqrt(self.head_size)
        y = torch.matmul(F.softmax(scores, dim=-1), v).permute(0, 2, 1, 3).contiguous()
        return self.out(y.view(y.shape[0], -1, self.heads * self.head_size))


class FusedAttention(nn.Module):
    """timm's: one linear layer for all three, scaled_dot_product_attention."""

    def __init__(self, size, heads):
        super().__init__()
        self.heads, self.qkv, self.out = heads, nn.Linear(size, 3 * size), nn.Linear(size, size)

    def forward(self, x):
        batch, count, size = x.shape
        q, k, v = self.qkv(x).reshape(batch, count, 3, self.heads, size // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        return self.out(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(batch, count, size))


class Block(nn.Module):
    def __init__(self, size, attention):
        super().__init__()
        self.before, self.after, self.attention, self.mlp = nn.LayerNorm(size, eps=1e-6), nn.LayerNorm(size, eps=1e-6), attention, Mlp(size)

    def forward(self, x):
        x = x + self.attention(self.before(x))
        return x + self.mlp(self.after(x))


class VisionTransformer(nn.Module):
    """ViT: patches, a class token, learned positions, blocks of either attention."""

    def __init__(self, attention, size=16):
        super().__init__()
        self.patches, self.token = nn.Conv2d(3, size, 8, 8), nn.Parameter(torch.randn(1, 1, size))
        self.positions, self.norm, self.head = nn.Parameter(torch.randn(1, 17, size) * 0.1), nn.LayerNorm(size), nn.Linear(size, 10)
        self.blocks = nn.Sequential(*(Block(size, attention(size, 2)) for _ in range(2)))

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat((self.token.expand(x.shape[0], -1, -1), x), dim=1) + self.positions
        return self.head(self.norm(self.blocks(x))[:, 0])


class Swin(nn.Module):
    """Windows of a rolled map, a table of relative positions, a mask for what the roll brought together, patch merging."""

    def __init__(self, size=16, window=4, heads=2, side=8):
        super().__init__()
        self.window, self.heads, self.side, self.shift = window, heads, side, window // 2
        self.patches, self.norm, self.qkv, self.out = nn.Conv2d(3, size, 4, 4), nn.LayerNorm(size), nn.Linear(size, 3 * size), nn.Linear(size, size)
        self.table = nn.Parameter(torch.randn((2 * window - 1) ** 2, heads) * 0.1)
        place = torch.stack(torch.meshgrid(torch.arange(window), torch.arange(window), indexing="ij")).flatten(1)
        relative = place[:, :, None] - place[:, None, :] + window - 1
        self.register_buffer("index", relative[0] * (2 * window - 1) + relative[1])
        self.merge_norm, self.merge = nn.LayerNorm(4 * size), nn.Linear(4 * size, 2 * size, bias=False)

    def windows(self, x):
        batch, height, width, size = x.shape
        x = x.view(batch, height // self.window, self.window, width // self.window, self.window, size)
        return x.permute(0, 1, 3, 2, 4, 5).contiguous().view(-1, self.window * self.window, size)

    def mask(self):
        regions, number = torch.zeros(1, self.side, self.side, 1), 0
        cuts = (slice(0, -self.window), slice(-self.window, -self.shift), slice(-self.shift, None))
        for rows in cuts:
            for columns in cuts:
                regions[:, rows, columns, :] = number
                number += 1
        regions = self.windows(regions).squeeze(-1)
        difference = regions.unsqueeze(1) - regions.unsqueeze(2)
        return difference.masked_fill(difference != 0, -100.0).masked_fill(difference == 0, 0.0)

    def attend(self, x):
        count, tokens, size = x.shape
        q, k, v = self.qkv(x).reshape(count, tokens, 3, self.heads, size // self.heads).permute(2, 0, 3, 1, 4)
        bias = self.table[self.index.view(-1)].view(tokens, tokens, -1).permute(2, 0, 1).contiguous()
        scores = (q * (size // self.heads) ** -0.5) @ k.transpose(-2, -1) + bias.unsqueeze(0)
        mask = self.mask()
        scores = scores.view(-1, mask.shape[0], self.heads, tokens, tokens) + mask.unsqueeze(1).unsqueeze(0)
        scores = scores.view(-1, self.heads, tokens, tokens).softmax(-1)
        return self.out((scores @ v).transpose(1, 2).reshape(count, tokens, size))

    def forward(self, x):
        x = self.patches(x).permute(0, 2, 3, 1)
        batch, height, width, size = x.shape
        rolled = torch.roll(self.norm(x), shifts=(-self.shift, -self.shift), dims=(1, 2))
        y = self.attend(self.windows(rolled)).view(batch, height // self.window, width // self.window, self.window, self.window, size)
        y = y.permute(0, 1, 3, 2, 4, 5).contiguous().view(batch, height, width, size)
        x = x + torch.roll(y, shifts=(self.shift, self.shift), dims=(1, 2))
        x = torch.cat([x[:, 0::2, 0::2, :], x[:, 1::2, 0::2, :], x[:, 0::2, 1::2, :], x[:, 1::2, 1::2, :]], -1)
        return self.merge(self.merge_norm(x.view(batch, -1, 4 * size)))


class MobileViT(nn.Module):
    """A map unfolded into sequences of equal places of all patches, a transformer over them, folded back, fused."""

    def __init__(self, size=16):
        super().__init__()
        self.local = nn.Sequential(conv(3, 16, 3, 2, activation=nn.SiLU), nn.Conv2d(16, size, 1, bias=False))
        self.block, self.norm = Block(size, SpelledAttention(size, 2)), nn.LayerNorm(size)
        self.project, self.fuse = conv(size, 16, 1, activation=nn.SiLU), conv(32, 16, activation=nn.SiLU)

    def forward(self, x):
        x = self.local(x)
        batch, channels, height, width = x.shape
        rows, columns = height // 2, width // 2
        y = x.reshape(batch * channels * rows, 2, columns, 2).transpose(1, 2).reshape(batch, channels, rows * columns, 4)
        y = y.transpose(1, 3).reshape(batch * 4, rows * columns, channels)
        y = self.norm(self.block(y))
        y = y.contiguous().view(batch, 4, rows * columns, channels).transpose(1, 3).reshape(batch * channels * rows, columns, 2, 2)
        y = y.transpose(1, 2).reshape(batch, channels, rows * 2, columns * 2)
        return self.fuse(torch.cat((x, self.project(y)), dim=1))


class SeparableAttention(nn.Module):
    """MobileViTv2: unfold and fold themselves, a context vector by softmax over pixels."""

    def __init__(self):
        super().__init__()
        self.stem, self.norm = conv(3, 16, 3, 2, activation=nn.SiLU), nn.GroupNorm(1, 16)
        self.qkv, self.out = nn.Conv2d(16, 33, 1), nn.Conv2d(16, 16, 1)

    def forward(self, x):
        x = self.stem(x)
        batch, channels, height, width = x.shape
        y = F.unfold(x, kernel_size=(2, 2), stride=(2, 2)).reshape(batch, channels, 4, -1)
        q, k, v = self.qkv(self.norm(y)).split([1, 16, 16], dim=1)
        context = (k * q.softmax(dim=-1)).sum(dim=-1, keepdim=True)
        y = y + self.out(F.relu(v) * context.expand_as(v))
        return F.fold(y.reshape(batch, channels * 4, -1), (height, width), kernel_size=(2, 2), stride=(2, 2))


class Detr(nn.Module):
    """PyTorch's own encoder and decoder layers: queries attend to a map with fixed positions."""

    def __init__(self, size=16):
        super().__init__()
        self.stem, self.queries = nn.Conv2d(3, size, 8, 8), nn.Parameter(torch.randn(5, size))
        self.encoder = nn.TransformerEncoderLayer(size, 2, 32, dropout=0.0)
        self.decoder = nn.TransformerDecoderLayer(size, 2, 32, dropout=0.0, activation="gelu", batch_first=False)
        self.classes, self.boxes = nn.Linear(size, 5), nn.Sequential(nn.Linear(size, size), nn.ReLU(), nn.Linear(size, 4))

    def forward(self, x):
        x = self.stem(x)
        positions = sine_positions(x.shape[2], x.shape[3], x.shape[1])
        memory = self.encoder(x.flatten(2).permute(2, 0, 1) + positions.unsqueeze(1))
        y = self.decoder(self.queries.unsqueeze(1).repeat(1, x.shape[0], 1), memory).transpose(0, 1)
        return self.classes(y), self.boxes(y).sigmoid()


class CrossAttention(nn.Module):
    """Two inputs: a search region attends to a template, as trackers do."""

    def __init__(self, size=16):
        super().__init__()
        self.patches, self.block, self.norm = nn.Conv2d(3, size, 8, 8), SpelledAttention(size, 4), nn.LayerNorm(size)

    def forward(self, template, search):
        z, x = (self.patches(y).flatten(2).transpose(1, 2) for y in (template, search))
        y = self.norm(x + self.block(x, z))
        return y.transpose(1, 2).reshape(y.shape[0], -1, 4, 4)


class SegFormer(nn.Module):
    """Attention over keys of a reduced map, a depthwise convolution in the MLP, an all-MLP decoder."""

    def __init__(self, size=16):
        super().__init__()
        self.patches, self.norm = nn.Conv2d(3, size, 7, 4, 3), nn.LayerNorm(size)
        self.reduce, self.reduced_norm, self.attention = nn.Conv2d(size, size, 2, 2), nn.LayerNorm(size), SpelledAttention(size, 2)
        self.up, self.depthwise, self.down = nn.Linear(size, 32), nn.Conv2d(32, 32, 3, padding=1, groups=32), nn.Linear(32, size)
        self.fuse = nn.Sequential(nn.Conv2d(size, 8, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 3, 1))

    def forward(self, x):
        x = self.patches(x)
        batch, channels, height, width = x.shape
        tokens = self.norm(x.flatten(2).transpose(1, 2))
        reduced = self.reduce(tokens.permute(0, 2, 1).reshape(batch, channels, height, width)).reshape(batch, channels, -1).permute(0, 2, 1)
        tokens = tokens + self.attention(tokens, self.reduced_norm(reduced))
        y = self.up(tokens)
        y = self.depthwise(y.transpose(1, 2).view(batch, -1, height, width)).flatten(2).transpose(1, 2)
        tokens = tokens + self.down(F.gelu(y))
        y = self.fuse(tokens.permute(0, 2, 1).reshape(batch, channels, height, width))
        return F.interpolate(y, scale_factor=4, mode="bilinear", align_corners=False)


class PoolFormer(nn.Module):
    """Pooling as token mixer, group norm of one group, layer scale over channels."""

    def __init__(self, size=16):
        super().__init__()
        self.patches, self.norm, self.second = nn.Conv2d(3, size, 7, 4, 2), nn.GroupNorm(1, size), nn.GroupNorm(1, size)
        self.scale, self.mlp = nn.Parameter(torch.rand(size, 1, 1)), nn.Sequential(nn.Conv2d(size, 32, 1), nn.GELU(), nn.Conv2d(32, size, 1))

    def forward(self, x):
        x = self.patches(x)
        y = self.norm(x)
        x = x + self.scale * (F.avg_pool2d(y, 3, 1, 1, count_include_pad=False) - y)
        return x + self.mlp(self.second(x))


class RotaryBlock(nn.Module):
    """EVA and DINOv3: RMS norm, rotary positions, gated MLP."""

    def __init__(self, size=16, heads=2):
        super().__init__()
        self.heads, self.patches, self.qkv, self.out = heads, nn.Conv2d(3, size, 8, 8), nn.Linear(size, 3 * size, bias=False), nn.Linear(size, size)
        self.weight, self.gate, self.up, self.down = nn.Parameter(0.5 + torch.rand(size)), nn.Linear(size, 32), nn.Linear(size, 32), nn.Linear(32, size)
        angles = torch.arange(16)[:, None] / 100 ** (torch.arange(0, size // heads, 2) / (size // heads))
        self.register_buffer("cos", torch.cat([angles, angles], -1).cos())
        self.register_buffer("sin", torch.cat([angles, angles], -1).sin())

    def norm(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.weight

    def rotate(self, x):
        first, second = x.chunk(2, dim=-1)
        return x * self.cos + torch.cat((-second, first), dim=-1) * self.sin

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        batch, count, size = x.shape
        q, k, v = self.qkv(self.norm(x)).view(batch, count, 3, self.heads, -1).permute(2, 0, 3, 1, 4).unbind(0)
        x = x + self.out(F.scaled_dot_product_attention(self.rotate(q), self.rotate(k), v).transpose(1, 2).flatten(2))
        y = self.norm(x)
        return x + self.down(F.silu(self.gate(y)) * self.up(y))


class LinearAttention(nn.Module):
    """EfficientViT and XCiT: products by einsum, normalised queries, no softmax over pixels squared."""

    def __init__(self, size=16, heads=2):
        super().__init__()
        self.heads, self.patches, self.qkv = heads, nn.Conv2d(3, size, 4, 4), nn.Conv2d(size, 3 * size, 1)
        self.temperature, self.out = nn.Parameter(torch.rand(heads, 1, 1)), nn.Conv2d(size, size, 1)

    def forward(self, x):
        x = self.patches(x)
        batch, size, height, width = x.shape
        q, k, v = self.qkv(x).reshape(batch, 3, self.heads, size // self.heads, height * width).unbind(1)
        q, k = F.normalize(q, dim=-1), F.normalize(k, dim=-1)
        scores = (torch.einsum("bhcn,bhdn->bhcd", q, k) * self.temperature).softmax(dim=-1)
        across = torch.einsum("bhcd,bhdn->bhcn", scores, v)
        q, k = F.relu(q), F.relu(k)
        along = torch.einsum("bhcn,bhcd->bhdn", q, torch.einsum("bhcn,bhdn->bhcd", k, v))
        return x + self.out((across + along / (q.sum(2, keepdim=True) + 1.0)).reshape(batch, size, height, width))
