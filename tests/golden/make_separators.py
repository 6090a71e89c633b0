#!/usr/bin/env python3
"""Values of the separators by PyTorch, from the definitions that were published, for
tests/lua/models/test_separators.lua.

separators.safetensors holds for each model its weights (MODEL/name), an input (MODEL/__x) and, from
here, the output in double precision (MODEL/__y):
    python3 make_separators.py [separators.safetensors]
Weights and inputs stay as they are.
"""
import json
import struct
import sys

import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
PATH = sys.argv[1] if len(sys.argv) > 1 else "separators.safetensors"
SIZE, HOP = 32, 8  # of the spectra


def read(path):
    data = open(path, "rb").read()
    length = struct.unpack("<Q", data[:8])[0]
    tensors = {}
    for name, about in json.loads(data[8:8 + length]).items():
        if name != "__metadata__":
            start, end = (8 + length + n for n in about["data_offsets"])
            tensors[name] = np.frombuffer(data[start:end], np.float32).reshape(about["shape"])
    return tensors


def write(path, tensors):
    header, blocks, at = {}, [], 0
    for name in sorted(tensors):
        block = np.ascontiguousarray(tensors[name], np.float32).tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensors[name].shape),
                        "data_offsets": [at, at + len(block)]}
        blocks.append(block)
        at += len(block)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    open(path, "wb").write(struct.pack("<Q", len(text)) + text + b"".join(blocks))


TENSORS = read(PATH)


def of(model):
    return {name.split("/")[1]: torch.tensor(value.astype(np.float64))
            for name, value in TENSORS.items() if name.startswith(model + "/")}


def norm(d, name, x):
    return F.batch_norm(x, d[name + ".running_mean"], d[name + ".running_var"], d[name + ".weight"],
                        d[name + ".bias"], False, 0, 1e-5)


def conv(d, name, x, **more):
    return F.conv2d(x, d[name + ".weight"].permute(3, 2, 0, 1), d.get(name + ".bias"), **more)


def up(d, name, x, stride):
    return F.conv_transpose2d(x, d[name + ".weight"].permute(2, 3, 0, 1), stride=stride)


def leaky(x):
    return F.leaky_relu(x, 0.01)


def open_unmix(d, hidden=8, used=9, layers=2):
    mix = d["__x"].permute(2, 0, 1, 3)
    frames, batch, channels, bins = mix.shape
    z = (mix[..., :used] + d["shift.value"]) * d["scale.value"]
    z = z.reshape(-1, channels * used) @ d["encode.linear.weight"]
    z = norm(d, "encode.norm", z).reshape(frames, batch, hidden).tanh()
    lstm = torch.nn.LSTM(hidden, hidden // 2, layers, bidirectional=True)
    for k in range(layers):
        for way, suffix in enumerate(["", "_reverse"]):
            for part in ["weight_ih", "weight_hh", "bias_ih", "bias_hh"]:
                value = d[f"lstm.{part}.{k + 1}"][way]
                value = value.T if value.dim() == 2 else value
                getattr(lstm, f"{part}_l{k}{suffix}").data = value.contiguous()
    y = torch.cat([z, lstm(z)[0]], -1).reshape(-1, 2 * hidden)
    y = F.relu(norm(d, "decode.norm.1", y @ d["decode.linear.1.weight"]))
    y = norm(d, "decode.norm.2", y @ d["decode.linear.2.weight"])
    y = y.reshape(frames, batch, channels, bins)
    y = F.relu(y * d["out_scale.value"] + d["out_shift.value"]) * mix
    return y.permute(1, 2, 0, 3)


def conv_tasnet(d, kernel=4, sources=2, layers=3, stacks=2):
    half, waves = kernel // 2, d["__x"]
    batch, samples = waves.shape

    def group(name, x):
        return F.group_norm(x, 1, d[name + ".weight"], d[name + ".bias"], 1e-8)

    def conv1(name, x, **more):
        return F.conv1d(x, d[name + ".weight"].permute(2, 1, 0), d.get(name + ".bias"), **more)

    def prelu(name, x):
        return F.prelu(x, d[name + ".weight"])

    spectra = conv1("encoder", F.pad(waves, (0, -samples % half)).unsqueeze(1), stride=half,
                    padding=half)
    x, total = conv1("bottleneck.conv", group("bottleneck.norm", spectra)), 0
    for k in range(layers * stacks):
        body, dilation = f"block.{k + 1}.body.", 2 ** (k % layers)
        y = group(body + "norm.1", prelu(body + "prelu.1", conv1(body + "conv.1", x)))
        y = conv1(body + "conv.2", y, padding=dilation, dilation=dilation, groups=y.shape[1])
        y = group(body + "norm.2", prelu(body + "prelu.2", y))
        total = total + conv1(f"block.{k + 1}.skip", y)
        if k < layers * stacks - 1:
            x = x + conv1(f"block.{k + 1}.residual", y)
    masks = torch.sigmoid(conv1("mask.conv", prelu("mask.prelu", total)))
    masks = masks.view(batch, sources, -1, spectra.shape[2])
    y = (masks * spectra.unsqueeze(1)).view(batch * sources, -1, spectra.shape[2])
    y = F.conv_transpose1d(y, d["decoder.weight"].permute(1, 2, 0), stride=half, padding=half)
    return y.view(batch, sources, -1)[..., :samples]


def spectra_of(waves):
    z = torch.stft(waves.reshape(-1, waves.shape[-1]), SIZE, HOP, window=torch.hann_window(SIZE),
                   center=True, pad_mode="reflect", return_complex=True).transpose(1, 2)
    return z.reshape(*waves.shape[:-1], *z.shape[1:])


def masked(maps, z, kinds, samples):
    batch, channels, frames, bins = z.shape
    x = maps.reshape(batch, channels, kinds, frames, bins)
    size = z.abs().clamp(1e-5) * torch.sigmoid(x[:, :, 0])
    if kinds == 4:
        size = size + x[:, :, 3]
    turn = torch.complex(torch.tanh(x[:, :, 1]), torch.tanh(x[:, :, 2]))
    turn, phase = turn / turn.abs().clamp(1e-10), z / z.abs().clamp(1e-5)
    y = (F.relu(size) * phase * turn).reshape(-1, frames, bins).transpose(1, 2)
    y = torch.istft(y, SIZE, HOP, window=torch.hann_window(SIZE), center=True, length=samples)
    return y.reshape(batch, 1, channels, samples)


def kong(d, network, unit, kinds):
    z = spectra_of(d["__x"])
    frames = z.shape[2]
    x = norm(d, "norm", z.abs().clamp(1e-5).transpose(1, 3)).transpose(1, 3)
    maps = network(d, F.pad(x, (0, 0, 0, -frames % unit))[..., :-1])
    return masked(F.pad(maps, (0, 1))[:, :, :frames], z, kinds, d["__x"].shape[-1])


def plain_block(d, name, x):
    for k in "12":
        x = leaky(norm(d, f"{name}.norm.{k}", conv(d, f"{name}.conv.{k}", x, padding=1)))
    return x


def unet(d, x):
    skips = []
    for k in "12":
        skips.append(plain_block(d, "encoder." + k, x))
        x = F.avg_pool2d(skips[-1], 2)
    x = plain_block(d, "middle", x)
    for k in (1, 2):
        x = leaky(norm(d, f"up.{k}.norm", up(d, f"up.{k}.up", x, 2)))
        x = plain_block(d, f"decoder.{k}", torch.cat([x, skips[2 - k]], 1))
    return conv(d, "mask", plain_block(d, "final", x))


def residual(d, name, x):
    is_wide = name + ".side.weight" in d
    body, y = name + ".body" if is_wide else name, x
    for k in "12":
        y = conv(d, f"{body}.conv.{k}", leaky(norm(d, f"{body}.norm.{k}", y)), padding=1)
    return y + (conv(d, name + ".side", x) if is_wide else x)


def block(d, name, x):
    for k in "1234":
        x = residual(d, f"{name}.residual.{k}", x)
    return x


def resunet(d, x):
    skips, strides = [], [(2, 2), (1, 2)]
    for k in (1, 2):
        skips.append(block(d, f"encoder.{k}", x))
        x = F.avg_pool2d(skips[-1], strides[k - 1])
    for k in "1234":
        x = block(d, "middle." + k, x)
    for k in (1, 2):
        x = up(d, f"up.{k}.up", F.relu(norm(d, f"up.{k}.norm", x)), strides[2 - k])
        x = block(d, f"decoder.{k}", torch.cat([x, skips[2 - k]], 1))
    return conv(d, "mask", block(d, "final", x))


MODELS = {
    "open_unmix": open_unmix,
    "conv_tasnet": conv_tasnet,
    "kong_unet": lambda d: kong(d, unet, 4, 3),
    "kong_resunet": lambda d: kong(d, resunet, 2, 4),
}
with torch.no_grad():
    for model, run in MODELS.items():
        y = run(of(model)).numpy()
        old = TENSORS.get(model + "/__y")
        TENSORS[model + "/__y"] = y
        if old is not None:
            print(model, y.shape, "off by", abs(y - old).max(), "of", abs(y).max())
write(PATH, TENSORS)
