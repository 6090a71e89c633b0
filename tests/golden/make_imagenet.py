#!/usr/bin/python3
"""A small image model with timm's names and what PyTorch makes of it; a development tool.

  make_imagenet.py      writes imagenet.safetensors, imagenet_kernels.safetensors and imagenet.json beside this file

The model is a vision transformer as its description says (pre-norm blocks, q, k and v in one linear layer,
GELU, layer norm with 1e-6), in double. It shares no code with ours. Positions and kernels are resized by
torch.nn.functional.interpolate, as the Audio Spectrogram Transformer's recipe does.
"""
import json
import math
import os
import struct

import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
DIM, HEADS, DEPTH, SIDE, EPSILON = 12, 3, 2, 24, 1e-6

torch.manual_seed(7)


def sizes():
    d = DIM
    yield from {"cls_token": (1, 1, d), "dist_token": (1, 1, d), "pos_embed": (1, 2 + SIDE * SIDE, d),
                "patch_embed.proj.weight": (d, 3, 16, 16), "patch_embed.proj.bias": (d,), "norm.weight": (d,),
                "norm.bias": (d,), "head.weight": (10, d), "head.bias": (10,), "head_dist.weight": (10, d),
                "head_dist.bias": (10,)}.items()
    block = {"norm1.weight": (d,), "norm1.bias": (d,), "attn.qkv.weight": (3 * d, d), "attn.qkv.bias": (3 * d,),
             "attn.proj.weight": (d, d), "attn.proj.bias": (d,), "norm2.weight": (d,), "norm2.bias": (d,),
             "mlp.fc1.weight": (4 * d, d), "mlp.fc1.bias": (4 * d,), "mlp.fc2.weight": (d, 4 * d),
             "mlp.fc2.bias": (d,)}
    for k in range(DEPTH):
        yield from {f"blocks.{k}.{name}": size for name, size in block.items()}.items()


def save(path, state):
    """The format's description: length of the header, header, numbers."""
    header, place, parts = {}, 0, []
    for name, tensor in state.items():
        data = tensor.float().contiguous().numpy().tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [place, place + len(data)]}
        place += len(data)
        parts.append(data)
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(parts))


def picture(rows, columns):
    """One channel, frequency x time: a function that Lua can write down, too."""
    row, column = torch.arange(rows).double().unsqueeze(1), torch.arange(columns).double().unsqueeze(0)
    return torch.sin(0.05 * (row + 1) * (1 + 0.1 * torch.cos(0.3 * column))) - 2


def positions(state, rows, columns):
    embedding = state["pos_embed"]
    grid = embedding[:, 2:].reshape(1, SIDE, SIDE, DIM).permute(0, 3, 1, 2)
    if columns <= SIDE:
        start = SIDE // 2 - columns // 2
        grid = grid[..., start:start + columns]
    else:
        grid = F.interpolate(grid, size=(SIDE, columns), mode="bilinear")
    start = SIDE // 2 - rows // 2
    grid = grid[:, :, start:start + rows]
    return torch.cat([embedding[:, :1], grid.reshape(1, DIM, -1).transpose(1, 2)], 1)


def attention(s, name, x):
    n = x.shape[1]
    qkv = F.linear(x, s[name + "qkv.weight"], s[name + "qkv.bias"]).reshape(1, n, 3, HEADS, DIM // HEADS)
    q, k, v = qkv.permute(2, 0, 3, 1, 4)
    mixed = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(DIM // HEADS), -1) @ v
    return F.linear(mixed.transpose(1, 2).reshape(1, n, DIM), s[name + "proj.weight"], s[name + "proj.bias"])


def norm(s, name, x):
    return F.layer_norm(x, (DIM,), s[name + ".weight"], s[name + ".bias"], EPSILON)


def answer(s, image):
    """What the classification token holds in the end; the picture is gray: the same in all three colours."""
    rows, columns = image.shape[0] // 16, image.shape[1] // 16
    colours = image.expand(1, 3, *image.shape)
    patches = F.conv2d(colours, s["patch_embed.proj.weight"], s["patch_embed.proj.bias"], stride=16)
    x = torch.cat([s["cls_token"], patches.flatten(2).transpose(1, 2)], 1) + positions(s, rows, columns)
    for k in range(DEPTH):
        name = f"blocks.{k}."
        x = x + attention(s, name + "attn.", norm(s, name + "norm1", x))
        hidden = F.gelu(F.linear(norm(s, name + "norm2", x), s[name + "mlp.fc1.weight"], s[name + "mlp.fc1.bias"]))
        x = x + F.linear(hidden, s[name + "mlp.fc2.weight"], s[name + "mlp.fc2.bias"])
    return norm(s, "norm", x)[0, 0].tolist()


def kernels(s):
    """Of each decoder level, (time, frequency, 1, DIM) as their kernels are: the mean over colours, resized."""
    mean = s["patch_embed.proj.weight"].mean(1, keepdim=True)
    return {str(k): F.interpolate(mean, size=(32 >> k, 16 >> k), mode="bilinear").permute(3, 2, 1, 0)
            for k in range(5)}


state = {name: (0.3 * torch.randn(size)).double() for name, size in sizes()}
for name in list(state):
    if "norm" in name and name.endswith("weight"):
        state[name] += 1
    state[name] = state[name].float().double()
save(os.path.join(HERE, "imagenet.safetensors"), state)
save(os.path.join(HERE, "imagenet_kernels.safetensors"), kernels(state))
with open(os.path.join(HERE, "imagenet.json"), "w") as file:
    json.dump({str(16 * n): answer(state, picture(128, 16 * n)) for n in (8, 24, 48)}, file)
    file.write("\n")
