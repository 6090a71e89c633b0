#!/usr/bin/python3
"""Checkpoints in TensorFlow's format and what its layers would make of them; a development tool.

  make_tensorflow.py      writes the folder tensorflow beside this file

Written from the format's description (sorted table of protocol buffers, files of numbers), without
TensorFlow; it shares no code with our reader. The networks are the authors' (channels last, Keras'
layers) at small widths; every value is a function of its name and place (see `value`).
"""
import json
import os
import struct

import numpy as np

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tensorflow")

# ---- checksums and numbers -----------------------------------------------------------------


def crc32c(data):
    """CRC-32C bit by bit, as it is defined."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


assert crc32c(b"123456789") == 0xE3069283  # the check value of its definition
assert crc32c(bytes(32)) == 0x8A9136AA  # RFC 3720, B.4


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


# ---- protocol buffers ------------------------------------------------------------------------


def number(field, n):
    return varint(field << 3) + varint(n) if n else b""


def message(field, data):
    return varint(field << 3 | 2) + varint(len(data)) + data


TYPES = {"float32": 1, "float64": 2, "int32": 3, "string": 7, "int64": 9, "bool": 10, "bfloat16": 14,
         "float16": 19, "complex64": 8}


def shape_proto(shape):
    return b"".join(message(2, number(1, n)) for n in shape)


def entry_proto(dtype, shape, shard, first, data, crc=None):
    crc = masked(data) if crc is None else crc
    return (number(1, TYPES[dtype]) + message(2, shape_proto(shape)) + number(3, shard) + number(4, first)
            + number(5, len(data)) + varint(6 << 3 | 5) + struct.pack("<I", crc))


# ---- the sorted table ----------------------------------------------------------------------


def block(pairs, restart):
    """Pairs of key and value; every `restart`-th key is whole, others leave out what they share."""
    out, places, last = b"", [], b""
    for i, (key, value) in enumerate(pairs):
        shared = 0
        if i % restart == 0:
            places.append(len(out))
        else:
            while shared < min(len(key), len(last)) and key[shared] == last[shared]:
                shared += 1
        out += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        last = key
    places = places or [0]
    return out + b"".join(struct.pack("<I", p) for p in places) + struct.pack("<I", len(places))


def table(pairs, size):
    """A table whose data blocks hold about `size` bytes."""
    out, index, batch, used = b"", [], [], 0

    def put(data):
        nonlocal out
        handle = varint(len(out)) + varint(len(data))
        out += data + b"\0" + struct.pack("<I", masked(data + b"\0"))
        return handle

    for i, (key, value) in enumerate(pairs):
        batch.append((key, value))
        used += len(key) + len(value)
        if used >= size or i == len(pairs) - 1:
            index.append((key, put(block(batch, 16))))
            batch, used = [], 0
    handles = put(block([], 16)) + put(block(index, 1))
    return out + handles + bytes(40 - len(handles)) + struct.pack("<Q", 0xDB4775248B80FB57)


# ---- checkpoints ------------------------------------------------------------------------------


def strings(list_):
    """A string tensor: lengths, their checksum, then the text."""
    lengths = b"".join(varint(len(s)) for s in list_)
    fixed = b"".join(struct.pack("<I", len(s)) for s in list_)
    head = struct.pack("<I", masked(fixed))
    return lengths + head + b"".join(list_)


def write(prefix, tensors, shards=1, size=4096, data_too=True):
    """tensors: {name: (dtype, shape, bytes)}; the files take them in turns."""
    pairs = [(b"", number(1, shards) + message(3, number(1, 1)))]
    data, used = [[] for _ in range(shards)], [0] * shards
    for i, name in enumerate(sorted(tensors)):
        dtype, shape, content = tensors[name]
        shard = i * shards // len(tensors)
        crc = None if data_too else 0
        pairs.append((name.encode(), entry_proto(dtype, shape, shard, used[shard], content, crc)))
        data[shard].append(content)
        used[shard] += len(content)
    with open(os.path.join(HERE, prefix + ".index"), "wb") as f:
        f.write(table(pairs, size))
    for k in range(shards if data_too else 0):
        with open(os.path.join(HERE, "%s.data-%05d-of-%05d" % (prefix, k, shards)), "wb") as f:
            f.write(b"".join(data[k]))


# ---- values ------------------------------------------------------------------------------------


def value(name, count):
    """Numbers in -0.5..0.5 (0.5..1.5 for scales) with 23 bits, from the name's hash and the place."""
    h = 0
    for byte in name.encode():
        h = (h * 31 + byte) % 2**32
    whole = (h + np.arange(count, dtype=np.uint64) * np.uint64(2654435761)) % np.uint64(2**32)
    x = (whole // np.uint64(512)).astype(np.float64) / 2**23 - 0.5
    return x + 1 if name.endswith("gamma") or name.endswith("moving_variance") else x


def key(k, field):
    return "layer_with_weights-%d/%s" % (k, field)


SUFFIX = "/.ATTRIBUTES/VARIABLE_VALUE"


# ---- the authors' networks -------------------------------------------------------------------------


def unet_shapes(widths, sources):
    """Lists of a layer's (attribute, shape), in order."""
    def norm(c):
        return [(f, (c,)) for f in ("gamma", "beta", "moving_mean", "moving_variance")]

    def conv(i, o):
        return [("kernel", (3, 3, i, o)), ("bias", (o,))]

    out, c = [], 1
    for w in widths:
        out += [norm(c), conv(c, w), norm(w), conv(w, w)]
        c = w
    for n, w in enumerate(reversed(widths)):
        into = c if n == 0 else c + w
        out += [[("kernel", (2, 2, w, into)), ("bias", (w,))], norm(w), conv(w, w), norm(w), conv(w, w)]
        c = w
    return out + [norm(c + 1), conv(c + 1, 2 * c), norm(2 * c), conv(2 * c, 2 * c), conv(2 * c, sources)]


def tail_shapes(channels, widths, beside, flat, hidden, classes):
    out, c = [], channels
    for n, w in enumerate(widths):
        into = c + (beside[n - 1] if 1 <= n <= len(beside) else 0)
        for i in (into, w):
            out += [[("kernel", (3, 3, i, w)), ("bias", (w,))],
                    [(f, (w,)) for f in ("gamma", "beta", "moving_mean", "moving_variance")]]
        c = w
    return out + [[("kernel", (flat, hidden)), ("bias", (hidden,))],
                  [(f, (hidden,)) for f in ("gamma", "beta", "moving_mean", "moving_variance")],
                  [("kernel", (hidden, classes)), ("bias", (classes,))]]


def network(layers, adam=False, zeros=False):
    """Every variable of a checkpoint: weights, optimizer, counters, the graph's text."""
    out = {"_CHECKPOINTABLE_OBJECT_GRAPH": ("string", (), strings([b"a graph"])),
           "save_counter" + SUFFIX: ("int64", (), struct.pack("<q", 20)),
           "optimizer/iter" + SUFFIX: ("int64", (), struct.pack("<q", 300000)),
           "optimizer/learning_rate" + SUFFIX: ("float32", (), struct.pack("<f", 0.5)),
           "optimizer/decay" + SUFFIX: ("float32", (), struct.pack("<f", 0))}
    for name in ("beta_1", "beta_2") if adam else ("momentum",):
        out["optimizer/" + name + SUFFIX] = ("float32", (), struct.pack("<f", 0))
    for k, layer in enumerate(layers):
        for field, shape in layer:
            n = int(np.prod(shape))
            data = bytes(4 * n) if zeros else value(key(k, field), n).astype("<f4").tobytes()
            out[key(k, field) + SUFFIX] = ("float32", shape, data)
            for slot in ("m", "v") if adam and "moving" not in field else ():
                out[key(k, field) + "/.OPTIMIZER_SLOT/optimizer/" + slot + SUFFIX] = ("float32", shape, bytes(4 * n))
    return out


# ---- Keras' layers, for one image (time, frequency, channel) ---------------------------------------


class Net:
    """Takes the layers' values one after the other."""

    def __init__(self, layers):
        self.layers, self.k = layers, 0

    def take(self):
        k, self.k = self.k, self.k + 1
        return [value(key(k, f), int(np.prod(s))).reshape(s) for f, s in self.layers[k]]

    def norm(self, x, slope):
        gamma, beta, mean, variance = self.take()
        y = (x - mean) / np.sqrt(variance + 1e-3) * gamma + beta
        return np.where(y > 0, y, slope * y)

    def conv(self, x):
        kernel, bias = self.take()
        padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
        t, f = x.shape[:2]
        return bias + sum(padded[a:a + t, b:b + f] @ kernel[a, b] for a in range(3) for b in range(3))

    def up(self, x):
        kernel, bias = self.take()
        y = np.zeros((2 * x.shape[0], 2 * x.shape[1], kernel.shape[2]))
        for a in range(2):
            for b in range(2):
                y[a::2, b::2] = x @ kernel[a, b].T
        return y + bias

    def dense(self, x):
        kernel, bias = self.take()
        return x @ kernel + bias


def pool(x, t, f, of=np.max):
    a, b, c = x.shape
    return of(x.reshape(a // t, t, b // f, f, c), axis=(1, 3))


def unet(net, magnitude, widths, of=np.max):
    image = np.log10(magnitude + 1e-4)[:, :, None]
    x, skips, maps = image, [], []
    for _ in widths:
        x = net.conv(net.norm(net.conv(net.norm(x, 0.01)), 0.01))
        x = pool(x, 2, 2, of)
        skips.append(x)
    for n in range(len(widths)):
        if n > 0:
            x = np.concatenate([x, skips[-1 - n]], axis=2)
        x = net.up(x)
        x = net.conv(net.norm(net.conv(net.norm(x, 0.01)), 0.01))
        maps.append(x)
    x = np.concatenate([x, image], axis=2)
    x = net.conv(net.norm(net.conv(net.norm(x, 0.01)), 0.01))
    return 1 / (1 + np.exp(-net.conv(x))), maps


def mel_matrix():
    """tf.signal.linear_to_mel_weight_matrix(128, 256, 16000, 100, 7800)"""
    def mel(f):
        return 1127 * np.log1p(f / 700)
    bins = mel(np.linspace(0, 8000, 256)[1:])[:, None]
    edges = np.linspace(mel(100.0), mel(7800.0), 130)
    low, mid, high = edges[:-2], edges[1:-1], edges[2:]
    inner = np.maximum(0, np.minimum((bins - low) / (mid - low), (high - bins) / (high - mid)))
    return np.pad(inner, ((1, 0), (0, 0)))


def tail(net, x, blocks, maps):
    for n in range(blocks):
        if 1 <= n <= len(maps):
            x = np.concatenate([x, pool(maps[n - 1], 1, 2)], axis=2)
        x = net.norm(net.conv(x), 0)
        x = net.norm(net.conv(x), 0)
        x = pool(x, 3 if n == blocks - 1 else 2, 2)
    return net.dense(net.norm(net.dense(x.reshape(-1)), 0))


def tagger(net, magnitude, widths, blocks):
    mask, maps = unet(net, magnitude, widths)
    mel = mel_matrix()
    planes = [np.log10((mask[:, :, s] * magnitude) @ mel + 1e-4) for s in range(mask.shape[2])]
    planes.append(np.log10(magnitude + 1e-4) @ mel)
    return tail(net, np.stack(planes, axis=2), blocks, maps[-2::-1])


# ---- what is written --------------------------------------------------------------------------------


def small():
    """Checkpoints of small networks, and what these make of a magnitude of 24 frames."""
    widths, blocks, frames = [2, 3, 4], [4, 5, 6], 24
    flat = frames // 12 * (128 // 8) * blocks[-1]
    magnitude = value("magnitude", frames * 256).reshape(frames, 256) + 0.5
    nets = {
        "separator": unet_shapes(widths, 1), "separator4": unet_shapes(widths, 4),
        "tail": tail_shapes(1, blocks, [], flat, 8, 5),
        "tagger": unet_shapes(widths, 2) + tail_shapes(3, blocks, [3, 4], flat, 8, 5),
    }
    for name, layers in nets.items():
        write(name, network(layers, adam="separator" in name), shards=2 if name == "tagger" else 1, size=1024)
    made = {
        "separator": unet(Net(nets["separator"]), magnitude, widths)[0],
        "separator4": unet(Net(nets["separator4"]), magnitude, widths, np.mean)[0],
        "tail": tail(Net(nets["tail"]), np.log10(magnitude @ mel_matrix() + 1e-4)[:, :, None], 3, []),
        "tagger": tagger(Net(nets["tagger"]), magnitude, widths, 3),
    }
    for name, y in made.items():
        picked = y.reshape(-1)[::max(1, y.size // 64)]
        made[name] = {"shape": list(y.shape), "mean": float(y.mean()), "every": max(1, y.size // 64),
                      "values": [float("%.9g" % v) for v in picked]}
    with open(os.path.join(HERE, "outputs.json"), "w") as f:
        json.dump(made, f, indent=1, sort_keys=True)
        f.write("\n")


def types():
    """One tensor of every type, one without numbers, one that cannot be read; three files."""
    x = [1.5, -2.0, 0.0, 65504.0, 2.0**-24, 3.0]
    top = b"".join(struct.pack("<f", v)[2:] for v in x)
    write("types", {
        "f32": ("float32", (2, 3), struct.pack("<6f", *x)), "f64": ("float64", (6,), struct.pack("<6d", *x)),
        "f16": ("float16", (3, 2), struct.pack("<6e", *x)), "bf16": ("bfloat16", (6,), top),
        "i32": ("int32", (2,), struct.pack("<2i", -7, 2**20)), "i64": ("int64", (), struct.pack("<q", -123456)),
        "flags": ("bool", (3,), bytes([1, 0, 1])), "empty": ("float32", (0, 4), b""),
        "text": ("string", (2,), strings([b"one", b"three"])),
    }, shards=3, size=64)
    write("complex", {"z": ("complex64", (1,), struct.pack("<2f", 1, 2))})


def true_index(name, layers, adam=False):
    """An index with the names and shapes of a released checkpoint; the data are not ours to have."""
    write(name, network(layers, adam, zeros=True), data_too=False)


def main():
    os.makedirs(HERE, exist_ok=True)
    small()
    types()
    widths, blocks = [16, 32, 64, 128, 192, 192], [64, 128, 128, 128, 128, 128, 256]
    true_index("true_vocals", unet_shapes(widths, 1), adam=True)
    true_index("true_mtat_vocals", unet_shapes(widths, 1)
               + tail_shapes(2, blocks, [32, 64, 128, 192, 192], 512, 512, 50))
    true_index("true_fma_multisource", unet_shapes(widths, 4)
               + tail_shapes(5, blocks, [32, 64, 128, 192, 192], 512, 512, 16))
    true_index("true_mtat_tail", tail_shapes(1, [64, 64] + blocks[2:], [], 512, 512, 50))


if __name__ == "__main__":
    main()
