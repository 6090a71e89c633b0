"""The paper's networks and the separators in PyTorch, as twins.py has the taggers of others."""
import torch
import torch.nn.functional as F
from torch import nn
from twins import CLASSES, Function, LogMel, Sum, relu


# ---- the paper's ----
def leaky(channels):
    return [nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01), nn.LeakyReLU(0.01, inplace=True)]


def conv(i, o):
    return nn.Conv2d(i, o, 3, padding=1)


class UNet(nn.Module):
    """Magnitudes (batch, time, 256) -> a mask (batch, 1, time, 256) and the decoder's maps, coarse to fine."""

    def __init__(self, w=(16, 32, 64, 128, 192, 192)):
        super().__init__()
        self.encoder = nn.ModuleList(nn.Sequential(*leaky(i), conv(i, o), *leaky(o), conv(o, o), nn.MaxPool2d(2))
                                     for i, o in zip((1,) + w, w))
        pairs = zip((w[-1],) + tuple(a + b for a, b in zip(w[:0:-1], w[-2::-1])), w[::-1])
        self.decoder = nn.ModuleList(nn.Sequential(nn.ConvTranspose2d(i, o, 2, 2), *leaky(o), conv(o, o), *leaky(o),
                                                   conv(o, o)) for i, o in pairs)
        i, o = w[0] + 1, 2 * w[0]
        self.final = nn.Sequential(*leaky(i), conv(i, o), *leaky(o), conv(o, o), conv(o, 1), nn.Sigmoid())

    def forward(self, magnitude):
        x = image = (magnitude + 1e-4).log10().unsqueeze(1)
        skips, maps = [], []
        for part in self.encoder:
            x = part(x)
            skips.append(x)
        for k, part in enumerate(self.decoder):
            x = part(torch.cat([x, skips[-1 - k]], 1) if k else x)
            maps.append(x)
        return self.final(torch.cat([x, image], 1)), maps


def keras(channels):
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


class CNNTail(nn.Module):
    """join(k, x) may change the input of block k >= 1."""

    def __init__(self, channels=1, w=(64, 64, 128, 128, 128, 128, 256)):
        super().__init__()
        self.blocks = nn.ModuleList(
            nn.Sequential(conv(i, o), keras(o), relu(), conv(o, o), keras(o), relu(),
                          nn.MaxPool2d((3 if k == 6 else 2, 2))) for k, (i, o) in enumerate(zip((channels,) + w, w)))
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(512, 512), nn.BatchNorm1d(512, eps=1e-3, momentum=0.01),
                                  relu(), nn.Dropout(0.5), nn.Linear(512, CLASSES))

    def forward(self, x, join=None):
        for k, part in enumerate(self.blocks):
            x = part(join(k, x) if join and k else x)
        return self.head(x)


def cnn_tail():
    return nn.Sequential(LogMel(), CNNTail())


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.unet, self.mel, self.tail = UNet(), LogMel(), CNNTail(2)
        self.adapt = nn.ModuleList(nn.Conv2d(i, o, 1) for i, o in
                                   zip((32, 64, 128, 192, 192), (64, 64, 128, 128, 128)))

    def join(self, maps):
        def at(k, x):
            return x + self.adapt[k - 1](F.max_pool2d(maps[-1 - k], (1, 2))) if k < 6 else x
        return at

    def forward(self, magnitude):
        mask, maps = self.unet(magnitude)
        image = torch.cat([self.mel(mask.squeeze(1) * magnitude), self.mel(magnitude)], 1)
        return self.tail(image, self.join(maps))


class AST(nn.Module):
    def __init__(self, dim=768, frames=768):
        super().__init__()
        self.mel, self.patch = LogMel(), nn.Conv2d(1, dim, 16, 16)
        self.position = nn.Parameter(0.02 * torch.randn(1, 1 + frames // 16 * 8, dim))
        self.token = nn.Parameter(0.02 * torch.randn(1, 1, dim))
        self.layers = nn.Sequential(*(nn.TransformerEncoderLayer(dim, 12, 4 * dim, 0, "gelu", 1e-6, batch_first=True,
                                                                 norm_first=True) for _ in range(12)))
        self.head = nn.Sequential(nn.LayerNorm(dim, 1e-6), nn.Linear(dim, CLASSES))

    def forward(self, magnitude):
        tokens = self.patch(self.mel(magnitude)).transpose(2, 3).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(len(tokens), -1, -1), tokens], 1) + self.position
        return self.head(self.layers(x)[:, 0])


# ---- separators ----
class PhaseMasks(nn.Module):
    """Stereo waves (batch, 2, samples) -> (batch, 1, 2, samples): masks of size and phase around maps of an image."""

    def __init__(self, kinds, by, maps, size=2048, hop=441):
        super().__init__()
        self.norm, self.maps = nn.BatchNorm2d(size // 2 + 1), maps
        self.kinds, self.by, self.size, self.hop, self.window = kinds, by, size, hop, torch.hann_window(size)

    def spectra(self, waves):
        return torch.stft(waves.flatten(0, 1), self.size, self.hop, window=self.window, return_complex=True)

    def waves(self, spectra, samples):
        return torch.istft(spectra, self.size, self.hop, window=self.window, length=samples)

    def image(self, size):
        x = self.norm(size.transpose(1, 3)).transpose(1, 3)[..., :-1]
        return F.pad(x, (0, 0, 0, -size.shape[2] % self.by))

    def forward(self, waves):
        z = self.spectra(waves).transpose(1, 2).unflatten(0, waves.shape[:2])
        size = torch.view_as_real(z).square().sum(-1).clamp(min=1e-10).sqrt()
        maps = F.pad(self.maps(self.image(size))[:, :, :size.shape[2]], (0, 1)).unflatten(1, (2, self.kinds))
        new = size * maps[:, :, 0].sigmoid()
        if self.kinds == 4:
            new = new + maps[:, :, 3]
        turn = maps[:, :, 1:3].tanh()
        turn = torch.complex(turn[:, :, 0].contiguous(), turn[:, :, 1].contiguous())
        turn = turn / torch.view_as_real(turn).square().sum(-1).clamp(min=1e-10).sqrt()
        y = z / size * turn * new.relu()
        return self.waves(y.flatten(0, 1).transpose(1, 2), waves.shape[2]).unflatten(0, waves.shape[:2]).unsqueeze(1)


WIDTHS = (32, 64, 128, 256, 384, 384)


def kong_norm(channels):
    return [nn.BatchNorm2d(channels, momentum=0.01), nn.LeakyReLU(0.01, inplace=True)]


def kong_conv(i, o):
    return nn.Conv2d(i, o, 3, padding=1, bias=False)


def kong_block(i, o):
    return nn.Sequential(kong_conv(i, o), *kong_norm(o), kong_conv(o, o), *kong_norm(o))


def kong_up(i, o, stride):
    return nn.Sequential(nn.ConvTranspose2d(i, o, 2, 2, bias=False), *kong_norm(o))


def residual(i, o):
    body = nn.Sequential(nn.BatchNorm2d(i, momentum=0.01), nn.LeakyReLU(0.01, inplace=True), kong_conv(i, o),
                         *kong_norm(o), kong_conv(o, o))
    return Sum(body, nn.Identity() if i == o else nn.Conv2d(i, o, 1))


def residual_block(i, o):
    return nn.Sequential(residual(i, o), *(residual(o, o) for _ in range(3)))


def residual_up(i, o, stride):
    return nn.Sequential(nn.BatchNorm2d(i, momentum=0.01), relu(),
                         nn.ConvTranspose2d(i, o, stride, stride, bias=False))


class Maps(nn.Module):
    """The U-Net inside: encoder, what lies between, decoder; `strides` of the poolings."""

    def __init__(self, kinds, block, up, middle, final, strides, w=WIDTHS):
        super().__init__()
        self.strides = strides
        self.encoder = nn.ModuleList(block(i, o) for i, o in zip((2,) + w, w))
        self.middle = nn.Sequential(*(block(w[-1], w[-1]) for _ in range(middle)))
        self.up = nn.ModuleList(up(i, o, s) for i, o, s in zip(w[:0:-1] and (w[-1],) + w[:0:-1], w[::-1], strides[::-1]))
        self.decoder = nn.ModuleList(block(2 * o, o) for o in w[::-1])
        self.final = nn.Sequential(*(block(w[0], w[0]) for _ in range(final)), nn.Conv2d(w[0], 2 * kinds, 1))

    def forward(self, x):
        skips = []
        for part, stride in zip(self.encoder, self.strides):
            skips.append(part(x))
            x = F.avg_pool2d(skips[-1], stride)
        x = self.middle(x)
        for up, part, skip in zip(self.up, self.decoder, skips[::-1]):
            x = part(torch.cat([up(x), skip], 1))
        return self.final(x)


def kong_unet():
    return PhaseMasks(3, 64, Maps(3, kong_block, kong_up, 1, 1, [(2, 2)] * 6))


def kong_resunet():
    return PhaseMasks(4, 32, Maps(4, residual_block, residual_up, 4, 1, [(2, 2)] * 5 + [(1, 2)]))


class OpenUnmix(nn.Module):
    def __init__(self, channels=2, bins=2049, used=1487, hidden=512):
        super().__init__()
        self.used, wide = used, channels * bins
        self.shift, self.scale = nn.Parameter(torch.zeros(used)), nn.Parameter(torch.ones(used))
        self.encode = self.linear(channels * used, hidden, nn.Tanh())
        self.lstm = nn.LSTM(hidden, hidden // 2, 3, bidirectional=True, dropout=0.4)
        self.decode = nn.Sequential(self.linear(2 * hidden, hidden, relu()), self.linear(hidden, wide, nn.Identity()))
        self.out_scale, self.out_shift = nn.Parameter(torch.ones(bins)), nn.Parameter(torch.ones(bins))

    @staticmethod
    def linear(i, o, then):
        return nn.Sequential(nn.Linear(i, o, bias=False), nn.BatchNorm1d(o), then)

    def forward(self, magnitude):
        b, c, t, n = magnitude.shape
        x = (magnitude[..., :self.used] + self.shift) * self.scale
        x = self.encode(x.permute(2, 0, 1, 3).reshape(t * b, -1))
        y = self.lstm(x.view(t, b, -1))[0].reshape(t * b, -1)
        y = self.decode(torch.cat([x, y], 1)).view(t, b, c, n).permute(1, 2, 0, 3)
        return (y * self.out_scale + self.out_shift).relu() * magnitude


class TasNetBlock(nn.Module):
    def __init__(self, bottleneck, skip, hidden, dilation, is_last):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(bottleneck, hidden, 1), nn.PReLU(), nn.GroupNorm(1, hidden, 1e-8),
            nn.Conv1d(hidden, hidden, 3, padding=dilation, dilation=dilation, groups=hidden), nn.PReLU(),
            nn.GroupNorm(1, hidden, 1e-8))
        self.skip = nn.Conv1d(hidden, skip, 1)
        self.residual = None if is_last else nn.Conv1d(hidden, bottleneck, 1)

    def forward(self, x):
        y = self.body(x)
        return x + self.residual(y) if self.residual else x, self.skip(y)


class ConvTasNet(nn.Module):
    def __init__(self, sources=2, filters=512, kernel=16, bottleneck=128, skip=128, hidden=512, layers=8, stacks=3):
        super().__init__()
        ends, n = {"stride": kernel // 2, "padding": kernel // 2, "bias": False}, layers * stacks
        self.sources, self.encoder = sources, nn.Conv1d(1, filters, kernel, **ends)
        self.bottleneck = nn.Sequential(nn.GroupNorm(1, filters, 1e-8), nn.Conv1d(filters, bottleneck, 1))
        self.blocks = nn.ModuleList(TasNetBlock(bottleneck, skip, hidden, 2 ** (k % layers), k == n - 1)
                                    for k in range(n))
        self.mask = nn.Sequential(nn.PReLU(), nn.Conv1d(skip, sources * filters, 1), nn.Sigmoid())
        self.decoder = nn.ConvTranspose1d(filters, 1, kernel, **ends)

    def forward(self, waves):
        spectra = self.encoder(waves.unsqueeze(1))
        x, total = self.bottleneck(spectra), 0
        for part in self.blocks:
            x, skip = part(x)
            total = total + skip
        masks = self.mask(total).unflatten(1, (self.sources, -1)) * spectra.unsqueeze(1)
        return self.decoder(masks.flatten(0, 1)).unflatten(0, (len(waves), self.sources)).squeeze(2)


def unet():
    return nn.Sequential(UNet(), Function(lambda both: both[0].permute(0, 2, 3, 1)))


TWINS = {"cnn_tail": cnn_tail, "ast_tail": AST, "tagger": Tagger, "unet": unet, "kong_unet": kong_unet,
         "kong_resunet": kong_resunet, "open_unmix": OpenUnmix, "conv_tasnet": ConvTasNet}
