"""Exports small models as PyTorch writes them. Made with torch 2.5.1 and onnx 1.17.0: python make_torch.py"""
import warnings

import torch
from torch import nn
import torch.nn.functional as F

warnings.filterwarnings("ignore")
torch.manual_seed(1)


class Block(nn.Module):
    def __init__(self, before, after, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(after)
        self.conv2 = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(after)
        same = stride == 1 and before == after
        self.short = nn.Identity() if same else nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))

    def forward(self, x):
        y = F.relu(self.norm1(self.conv1(x)))
        return F.relu(self.norm2(self.conv2(y)) + self.short(x))


class ResNet8(nn.Module):
    """Three blocks (He et al., https://arxiv.org/abs/1512.03385, section 4.2, n = 1), narrower."""

    def __init__(self, width=4, classes=4):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3, 1, 1, bias=False)
        self.norm = nn.BatchNorm2d(width)
        self.blocks = nn.Sequential(Block(width, width, 1), Block(width, 2 * width, 2), Block(2 * width, 4 * width, 2))
        self.out = nn.Linear(4 * width, classes)

    def forward(self, x):
        x = self.blocks(F.relu(self.norm(self.conv(x))))
        return self.out(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x, mask):
        n, t, d = x.shape
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        split = lambda a: a.view(n, t, self.heads, d // self.heads).transpose(1, 2)
        scores = split(q) @ split(k).transpose(-2, -1) / (d // self.heads) ** 0.5
        scores = scores.masked_fill(mask[:, None, None, :] == 0, float("-inf"))
        return self.out((scores.softmax(-1) @ split(v)).transpose(1, 2).reshape(n, t, d))


class Transformer(nn.Module):
    """Token 0 is padding; the mean goes over the others."""

    def __init__(self, vocabulary=12, length=6, width=8, heads=2, classes=3):
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, width)
        self.positions = nn.Parameter(torch.randn(1, length, width) * 0.1)
        self.norm1 = nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.norm2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, classes)

    def forward(self, x):
        tokens = x.long()
        mask = (tokens != 0).float()
        h = self.tokens(tokens) + self.positions
        h = h + self.attention(self.norm1(h), mask)
        h = self.norm(h + self.mlp(self.norm2(h)))
        pooled = (h * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True).clamp(min=1)
        return self.out(pooled)


class BuiltIn(nn.Module):
    """With PyTorch's own encoder layer, causal."""

    def __init__(self, vocabulary=12, length=6, width=8, classes=3):
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, width)
        self.layer = nn.TransformerEncoderLayer(width, 2, 16, 0.0, batch_first=True, activation="gelu")
        self.register_buffer("mask", nn.Transformer.generate_square_subsequent_mask(length))
        self.out = nn.Linear(width, classes)

    def forward(self, x):
        return self.out(self.layer(self.tokens(x.long()), src_mask=self.mask).mean(1))


class Tabular(nn.Module):
    """Three numbers, then two categories of 5 and 3 values."""

    def __init__(self, classes=2):
        super().__init__()
        self.first = nn.Embedding(5, 3)
        self.second = nn.Embedding(3, 2)
        self.norm = nn.BatchNorm1d(3)
        self.layers = nn.Sequential(nn.Linear(8, 12), nn.SiLU(), nn.Dropout(0.1), nn.LayerNorm(12), nn.Linear(12, classes))

    def forward(self, x):
        numbers = self.norm(x[:, :3])
        categories = x[:, 3:].long()
        return self.layers(torch.cat([numbers, self.first(categories[:, 0]), self.second(categories[:, 1])], 1))


class Mobile(nn.Module):
    """Depthwise convolutions, Hardswish, squeeze and excitation, a transposed convolution and a resize."""

    def __init__(self, classes=3):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, 4, 3, 2, 1), nn.GroupNorm(2, 4), nn.Hardswish())
        self.depthwise = nn.Sequential(nn.Conv2d(4, 4, 3, 1, 2, dilation=2, groups=4), nn.InstanceNorm2d(4, affine=True), nn.ReLU6())
        self.squeeze = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(4, 2, 1), nn.PReLU(), nn.Conv2d(2, 4, 1), nn.Hardsigmoid())
        self.up = nn.ConvTranspose2d(4, 3, 2, 2)
        self.pool = nn.MaxPool2d(3, 2, 1, ceil_mode=True)
        self.out = nn.Linear(3 + 4, classes)

    def forward(self, x):
        y = self.stem(x)
        y = y * self.squeeze(self.depthwise(y))
        wide = F.pad(F.interpolate(y, scale_factor=2, mode="nearest"), (1, 1, 1, 1), mode="reflect")
        return self.out(torch.cat([F.softplus(self.pool(self.up(y))).mean((2, 3)), wide.amax((2, 3))], 1))


class Recurrent(nn.Module):
    def __init__(self, kind, classes=3, **options):
        super().__init__()
        self.cell = kind(4, 5, batch_first=True, **options)
        self.out = nn.Linear(5 * (2 if options.get("bidirectional") else 1), classes)

    def forward(self, x):
        return self.out(self.cell(x)[0][:, -1])


def export(name, model, *shape, mode=torch.onnx.TrainingMode.PRESERVE, **options):
    """PRESERVE keeps normalisations apart; by default (EVAL) they are folded into the convolutions before them."""
    model.eval()
    x = torch.rand(2, *shape)
    torch.onnx.export(model, x, f"{name}.onnx", input_names=["x"], output_names=["y"], training=mode,
                      dynamic_axes={"x": {0: "batch"}, "y": {0: "batch"}}, **{"opset_version": 17, **options})


if __name__ == "__main__":
    export("torch-resnet8", ResNet8(), 3, 32, 32)
    export("torch-resnet8-folded", ResNet8(), 3, 32, 32, mode=torch.onnx.TrainingMode.EVAL)
    export("torch-transformer", Transformer(), 6)
    export("torch-transformer-opset13", Transformer(), 6, opset_version=13)
    export("torch-encoder-layer", BuiltIn(), 6)
    export("torch-tabular", Tabular(), 5)
    export("torch-mobile", Mobile(), 1, 12, 12)
    export("torch-lstm", Recurrent(nn.LSTM, bidirectional=True), 6, 4)
    export("torch-gru", Recurrent(nn.GRU, num_layers=2), 6, 4)
    export("torch-rnn", Recurrent(nn.RNN), 6, 4)
