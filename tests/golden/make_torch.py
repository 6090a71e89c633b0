"""State dicts of small PyTorch networks with an input and the output of each, for
tests/lua/io/test_torch.lua, which builds the same networks. Seen with PyTorch 2.15 and 1.13.

    python tests/golden/make_torch.py     (torch, safetensors; writes tests/golden/torch.safetensors)
"""
import os

import torch
from safetensors.torch import save_file
from torch import nn

torch.manual_seed(0)
PATH = os.path.join(os.path.dirname(__file__), "torch.safetensors")


class First(nn.Module):
    """A recurrent layer whose states nobody wants."""

    def __init__(self, layer):
        super().__init__()
        self.rnn = layer

    def forward(self, x):
        return self.rnn(x)[0]


class Cross(nn.Module):
    def __init__(self, memory):
        super().__init__()
        self.memory = memory
        kdim = memory.shape[-1]
        self.mha = nn.MultiheadAttention(6, 2, kdim=kdim, vdim=kdim, batch_first=True)

    def forward(self, x):
        return self.mha(x, self.memory, self.memory)[0]


class Own(nn.Module):
    """A tensor beside a layer."""

    def __init__(self):
        super().__init__()
        self.position = nn.Parameter(torch.randn(1, 3, 4))
        self.fc = nn.Linear(4, 2, bias=False)

    def forward(self, x):
        return self.fc(x + self.position)


def images(*size):
    """Channels first for PyTorch; they are kept channels last."""
    return torch.randn(*size)


def last(x):
    return x.movedim(1, -1).contiguous() if x.dim() > 2 else x


CNN = nn.Sequential(
    nn.Conv2d(2, 4, (3, 5), stride=(1, 2), padding=1), nn.BatchNorm2d(4), nn.ReLU(),
    nn.Conv2d(4, 6, 3, groups=2, bias=False), nn.PReLU(6), nn.ConvTranspose2d(6, 3, (2, 3), stride=2),
    nn.GroupNorm(3, 3))
WAVE = nn.Sequential(
    nn.Conv1d(2, 4, 3, dilation=2), nn.ConvTranspose1d(4, 6, 4, stride=2, groups=2),
    torch.nn.utils.weight_norm(nn.Conv1d(6, 3, 3)), nn.InstanceNorm1d(3, affine=True))
CASES = {
    "cnn": (CNN, images(2, 2, 7, 9), True), "wave": (WAVE, images(2, 2, 12), True),
    "linear": (nn.Sequential(nn.Linear(5, 7), nn.LayerNorm(7), nn.Linear(7, 3)), torch.randn(2, 5),
               False),
    "lstm": (First(nn.LSTM(3, 4, num_layers=2, bidirectional=True, batch_first=True)),
             torch.randn(2, 5, 3), False),
    "gru": (First(nn.GRU(3, 4, batch_first=True)), torch.randn(2, 5, 3), False),
    "rnn": (First(nn.RNN(3, 4, bias=False, batch_first=True)), torch.randn(2, 5, 3), False),
    "encoder": (nn.TransformerEncoderLayer(6, 2, 8, dropout=0.0, batch_first=True),
                torch.randn(2, 5, 6), False),
    "cross": (Cross(torch.randn(2, 4, 6)), torch.randn(2, 3, 6), False),
    "cross_wide": (Cross(torch.randn(2, 4, 5)), torch.randn(2, 3, 6), False),
    "embedding": (nn.Embedding(5, 3), torch.tensor([[0, 4], [2, 1]]), False),
    "bilinear": (nn.Bilinear(3, 4, 2), (torch.randn(2, 3), torch.randn(2, 4)), False),
    "own": (Own(), torch.randn(2, 3, 4), False),
}


def main():
    tensors = {}
    for name, (model, x, is_image) in CASES.items():
        for norm in model.modules():
            if isinstance(norm, nn.BatchNorm2d):
                norm.running_mean.normal_()
                norm.running_var.uniform_(0.5, 2)
            if isinstance(norm, (nn.BatchNorm2d, nn.GroupNorm, nn.LayerNorm, nn.InstanceNorm1d)):
                nn.init.normal_(norm.weight)
                nn.init.normal_(norm.bias)
        model.eval()
        given = x if isinstance(x, tuple) else (x,)
        y = model(*given).detach()
        for key, value in model.state_dict().items():
            tensors[f"{name}/state/{key}"] = value.contiguous()
        for k, value in enumerate(given):
            tensors[f"{name}/x{k + 1}"] = last(value) if is_image else value
        if hasattr(model, "memory"):
            tensors[f"{name}/memory"] = model.memory
        tensors[f"{name}/y"] = last(y) if is_image else y
    save_file({k: v.contiguous() for k, v in tensors.items()}, PATH)


main()
