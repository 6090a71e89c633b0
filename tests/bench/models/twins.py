"""The networks of ms.models in PyTorch: the same layers, sizes and front ends, written from our own definitions.

TWINS[name]() makes the network of that row of ../models.lua. Images are (batch, channel, time, band). Waves and
magnitudes are given as there.
"""
import math

import torch
import torch.nn.functional as F
from torch import nn

CLASSES = 50


# ---- front ends ----
def triangles(points, bins):
    """(bins, bands): triangles between the points (bands + 2), in bins."""
    k = torch.arange(bins).unsqueeze(1)
    rise = (k - points[:-2]) / (points[1:-1] - points[:-2])
    fall = (points[2:] - k) / (points[2:] - points[1:-1])
    return torch.minimum(rise, fall).clamp(min=0)


def mel_filters(bins, bands, nyquist=8000):
    most = 2595 * math.log10(1 + nyquist / 700)
    hz = 700 * (10 ** (torch.linspace(0, most, bands + 2) / 2595) - 1)
    return triangles(hz * (bins - 1) / nyquist, bins)


def power(waves, size, hop, centre=True):
    window = torch.hann_window(size)
    z = torch.stft(waves, size, hop, window=window, center=centre, pad_mode="reflect", return_complex=True)
    return torch.view_as_real(z).square().sum(-1).transpose(1, 2)


class Mel(nn.Module):
    """Waves -> (batch, 1, time, bands), through a function of the bands' power."""

    def __init__(self, bands, scale, centre=True):
        super().__init__()
        self.filters, self.scale, self.centre = mel_filters(257, bands), scale, centre

    def forward(self, waves):
        return self.scale(power(waves, 512, 256, self.centre) @ self.filters).unsqueeze(1)


def decibels(x):
    return 10 * x.clamp(min=1e-10).log10()


def log_mel96(x):
    return (10000 * x).log1p() / math.log(10)


class LogMel(nn.Module):
    """Magnitudes (batch, time, 256) -> (batch, 1, time, 128), the paper's."""

    def __init__(self):
        super().__init__()
        self.filters = mel_filters(256, 128)

    def forward(self, magnitude):
        return (magnitude @ self.filters + 1e-4).log10().unsqueeze(1)


# ---- parts ----
def relu():
    return nn.ReLU(inplace=True)


def conv(i, o, stride=1):
    return nn.Conv2d(i, o, 3, stride, 1)


def block(i, o, pool):
    return nn.Sequential(conv(i, o), nn.BatchNorm2d(o), relu(), nn.MaxPool2d(pool))


def blocks(widths, pools, i=1):
    return nn.Sequential(*(block(a, b, pool) for a, b, pool in zip((i,) + widths, widths, pools)))


class Sum(nn.Module):
    """What the parts make of x, added up; then what comes behind."""

    def __init__(self, *parts, then=None):
        super().__init__()
        self.parts, self.then = nn.ModuleList(parts), then or nn.Identity()

    def forward(self, x):
        return self.then(sum(part(x) for part in self.parts))


def residual(i, o, stride):
    body = nn.Sequential(conv(i, o, stride), nn.BatchNorm2d(o), relu(), conv(o, o), nn.BatchNorm2d(o))
    return Sum(body, nn.Sequential(conv(i, o, stride), nn.BatchNorm2d(o)), then=relu())


def head(i, hidden):
    return nn.Sequential(nn.Linear(i, hidden), nn.BatchNorm1d(hidden), relu(), nn.Dropout(0.5),
                         nn.Linear(hidden, CLASSES))


def plain_head(i):
    return nn.Sequential(nn.Dropout(0.5), nn.Linear(i, CLASSES))


class Largest(nn.Module):
    """The largest number over all dimensions behind the channels."""

    def forward(self, x):
        return x.flatten(2).amax(2)


class Function(nn.Module):
    def __init__(self, f):
        super().__init__()
        self.f = f

    def forward(self, x):
        return self.f(x)


def of_image(bands, *parts):
    return nn.Sequential(Mel(bands, decibels), nn.BatchNorm2d(1), *parts)


# ---- taggers ----
def fcn():
    pools = ((4, 2), (4, 2), (4, 2), (5, 3), (4, 4))
    return of_image(96, blocks((64, 128, 128, 128, 64), pools), Largest(), plain_head(64))


class LastOf(nn.Module):
    """The last step of a recurrent layer over an image (batch, channel, time, 1)."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x.permute(0, 2, 1, 3).flatten(2))[0][:, -1]


def crnn():
    gru = nn.GRU(128, 32, 2, batch_first=True)
    return of_image(96, blocks((64, 128, 128, 128), (2, 3, 4, 4)), LastOf(gru), plain_head(32))


def wave_block(i, o, kernel=3, stride=1, pool=1):
    list_ = [nn.Conv1d(i, o, kernel, stride, kernel // 2), nn.BatchNorm1d(o), relu()]
    return nn.Sequential(*list_, *([nn.MaxPool1d(pool)] if pool > 1 else []))


def channel_of_waves():
    return Function(lambda waves: waves.unsqueeze(1))


def sample_cnn():
    widths = (128,) * 3 + (256,) * 6 + (512,)
    rest = [wave_block(i, o, pool=3) for i, o in zip(widths, widths[1:])]
    return nn.Sequential(channel_of_waves(), wave_block(1, 128, stride=3), *rest, wave_block(512, 512, 1),
                         Largest(), plain_head(512))


def keras_norm(kind, channels):
    return kind(channels, eps=1e-3, momentum=0.01)


class MusiCNN(nn.Module):
    def __init__(self, filters=64):
        super().__init__()
        self.image = nn.Sequential(Mel(96, log_mel96, centre=False), keras_norm(nn.BatchNorm2d, 1))
        kernels = [(204, (7, 38), (3, 0)), (204, (7, 67), (3, 0))] + [(51, (k, 1), "same") for k in (128, 64, 32)]
        self.front = nn.ModuleList(nn.Sequential(nn.Conv2d(1, o, k, padding=p), relu(), keras_norm(nn.BatchNorm2d, o))
                                   for o, k, p in kernels)
        self.middle = nn.ModuleList(nn.Sequential(nn.Conv1d(i, filters, 7, padding=3), relu(),
                                                  keras_norm(nn.BatchNorm1d, filters))
                                    for i in (561, filters, filters))
        i = 2 * (561 + 3 * filters)
        self.head = nn.Sequential(keras_norm(nn.BatchNorm1d, i), nn.Dropout(0.5), nn.Linear(i, 200), relu(),
                                  keras_norm(nn.BatchNorm1d, 200), nn.Dropout(0.5), nn.Linear(200, CLASSES))

    def forward(self, waves):
        x = self.image(waves)
        maps = [torch.cat([part(x).amax(3) for part in self.front], 1)]
        for k, part in enumerate(self.middle):
            maps.append(part(maps[-1]) + (maps[-1] if k else 0))
        x = torch.cat(maps, 1)
        return self.head(torch.stack([x.amax(2), x.mean(2)], 2).flatten(1))


def musicnn_vgg():
    parts, i = [], 1
    for pool, stride, p in (((4, 1), 2, 0.25), (2, 2, 0.25), (2, 2, 0.25), (2, 2, 0.25), (4, 4, 0.5)):
        parts += [conv(i, 128), relu(), keras_norm(nn.BatchNorm2d, 128), nn.MaxPool2d(pool, stride), nn.Dropout(p)]
        i = 128
    return nn.Sequential(Mel(96, log_mel96, centre=False), keras_norm(nn.BatchNorm2d, 1), *parts, nn.Flatten(),
                         nn.Linear(256, CLASSES))


SHORT = (128, 128, 256, 256, 256, 256, 512)


def short_chunk_cnn():
    return of_image(128, blocks(SHORT, (2,) * 7), Largest(), head(512, 512))


def short_chunk_residual():
    parts = [residual(i, o, 2) for i, o in zip((1,) + SHORT, SHORT)]
    return of_image(128, *parts, Largest(), head(512, 512))


class Harmonics(nn.Module):
    """Waves -> (batch, 6 harmonics, time, 128 notes) in decibels; the filters' width is learnt."""

    def __init__(self):
        super().__init__()
        notes = 440 * 2 ** ((24 + torch.arange(128) / 2 - 69) / 12)
        self.f = torch.cat([h * notes for h in range(1, 7)])
        self.bins, self.q = torch.linspace(0, 8000, 257).unsqueeze(1), nn.Parameter(torch.ones(1))

    def forward(self, waves):
        rise = (self.bins - self.f) * 2 / ((self.f * 0.1079 + 24.7) / self.q)
        filters = torch.minimum(rise + 1, 1 - rise).clamp(min=0)
        return decibels(power(waves, 513, 256) @ filters).unflatten(2, (6, 128)).transpose(1, 2)


def harmonic_block(width, pool):
    body = nn.Sequential(conv(width, width), nn.BatchNorm2d(width), relu(), conv(width, width), nn.BatchNorm2d(width))
    return nn.Sequential(Sum(body, nn.Identity(), then=relu()), nn.MaxPool2d(pool))


def harmonic_cnn(w=128):
    parts = [block(6, w, 2), *(harmonic_block(w, 2) for _ in range(3)), block(w, 2 * w, 2),
             *(harmonic_block(2 * w, (3, 2)) for _ in range(2))]
    return nn.Sequential(Harmonics(), nn.BatchNorm2d(6), *parts, Largest(), head(2 * w, 2 * w))


class OverTokens(nn.Module):
    """Two transformer layers over (batch, dim, time) behind a fixed token, which is what counts."""

    def __init__(self, dim):
        super().__init__()
        self.token = torch.rand(1, 1, dim)
        self.layers = nn.Sequential(*(nn.TransformerEncoderLayer(dim, 8, 1024, 0.4, "gelu", 1e-12, batch_first=True)
                                      for _ in range(2)))

    def forward(self, x):
        token = self.token.expand(len(x), -1, -1)
        return self.layers(torch.cat([token, x.amax(3).transpose(1, 2)], 1))[:, 0]


def self_attention():
    widths = (128, 128) + (256,) * 5
    parts = [residual(i, o, 2 if k < 3 else (1, 2)) for k, (i, o) in enumerate(zip((1,) + widths, widths))]
    return of_image(128, *parts, OverTokens(256), nn.Linear(256, 256), nn.Tanh(), plain_head(256))


class TUnePlus(nn.Module):
    def __init__(self):
        super().__init__()
        w = [11 * 2 ** k for k in range(5)]
        self.down = nn.ModuleList(wave_block(i, o) for i, o in zip([1] + w, w))
        self.up = nn.ModuleList(nn.ConvTranspose1d(w[k + 1], w[k], 3, 3) for k in (3, 2, 1, 0))
        self.mix = nn.ModuleList(wave_block(2 * w[k], w[k]) for k in (3, 2, 1, 0))
        wide = 2 * w[4]
        pairs = [(w[k - 1] + w[k], w[k]) for k in range(1, 5)]
        pairs += [(w[4], wide), (wide, wide), (wide, wide), (wide, wide), (wide, 512)]
        self.tail = nn.ModuleList(wave_block(i, o) for i, o in pairs)
        self.linear = nn.Linear(512, CLASSES)

    def forward(self, waves):
        x, maps = waves.unsqueeze(1), []
        for part in self.down:
            x = part(F.max_pool1d(x, 3) if maps else x)
            maps.append(x)
        for k, up, part in zip((3, 2, 1, 0), self.up, self.mix):
            x = maps[k] = part(torch.cat([up(x), maps[k]], 1))
        for k, part in enumerate(self.tail):
            x = F.max_pool1d(x, 3)
            x = part(torch.cat([x, maps[k + 1]], 1) if k < 4 else x)
        return self.linear(x.mean(2))


TWINS = {"fcn": fcn, "crnn": crnn, "sample_cnn": sample_cnn, "musicnn": MusiCNN, "musicnn_vgg": musicnn_vgg,
         "short_chunk_cnn": short_chunk_cnn, "short_chunk_cnn, residual": short_chunk_residual,
         "harmonic_cnn": harmonic_cnn, "self_attention": self_attention, "tune_plus": TUnePlus}
