#!/usr/bin/python3
"""Where PyTorch's results are NaN, infinite or finite, forward and backward; a development tool, never needed at run time.

  make_not_finite.py                   writes not_finite.json beside this file (PyTorch 1.13)

One line a case: { op, options, shapes = of its tensors (images with channels last), odd = { { tensor, place from 0,
number [, how many of them] }, ... }, results = { name: pattern } }. All other numbers of a tensor follow from their places (`numbers`). Patterns
are runs of n (NaN), + and - (infinite) and . (finite), as "3n12."; long ones are counts of each and a checksum. Results: y, the gradient of every tensor but those
in `fixed`, and tensors that the operator changed.
"""
import json
import os

import numpy as np
import torch
import torch.nn.functional as F

torch.set_num_threads(1)
HUGE = 3.4e38
VALUES = {"nan": np.nan, "inf": np.inf, "-inf": -np.inf, "-0": -0.0, "huge": HUGE, "-huge": -HUGE, "0": 0.0, "1": 1.0}
SALT = {"x": 1, "z": 2, "weight": 3, "bias": 4, "gy": 5, "gamma": 6, "beta": 7, "mean": 8, "variance": 9, "target": 10}


def numbers(name, shape):
    """Odd multiples of 1/16 between -1 and 1, so that nothing is 0; classes from 1, and variances above 0."""
    place = np.arange(int(np.prod(shape)), dtype=np.int64)
    x = ((place * 7 + place // 11 * 3 + SALT[name] * 5) % 16 * 2 - 15) / 16
    if name == "variance":
        x = np.abs(x)
    if name == "target" and len(shape) == 1:
        x = 1 + place % 3
    return x.astype(np.float32).reshape(shape)


def pattern(t):
    v = t.detach().contiguous().numpy().ravel()
    marks = np.where(np.isnan(v), "n", np.where(v == np.inf, "+", np.where(v == -np.inf, "-", ".")))
    runs, start = [], 0
    for i in range(1, len(marks) + 1):
        if i == len(marks) or marks[i] != marks[start]:
            runs.append(f"{i - start}{marks[start]}")
            start = i
    runs = "".join(runs)
    if len(runs) <= 100:
        return runs
    total = 0
    for byte in runs.encode():
        total = (total * 31 + byte) % 2**32
    return "".join(f"{(marks == m).sum()}{m}" for m in "n+-.") + f" {total:08x}"


def image(x):
    return x.permute(0, 3, 1, 2)


def back(y):
    return y.permute(0, 2, 3, 1)


def leaky(y, o):
    slope = o.get("slope", 1)
    return y if slope == 1 else F.relu(y) if slope == 0 else F.leaky_relu(y, slope)


def taps(x, t, step, pad, size):
    """A convolution by its definition, over what lies inside x (n, h, w, c): for zeros on one side only."""
    w, y = t["weight"], 0
    for a in range(w.shape[0]):
        for b in range(w.shape[1]):
            meet = [[i for i in range(n) if 0 <= i * s - p + k < m]
                    for n, s, p, k, m in zip(size, step, pad, (a, b), x.shape[1:3])]
            rows, columns = ([i * s - p + k for i in at] for at, s, p, k in zip(meet, step, pad, (a, b)))
            part = x[:, rows][:, :, columns] @ w[a, b]
            whole = torch.zeros(x.shape[0], size[0], size[1], w.shape[3])
            whole[:, torch.tensor(meet[0])[:, None], torch.tensor(meet[1])] = part
            y = y + whole
    return y + t["bias"]


def convolve(x, t, o):
    """x (n, c, h, w); zeros around as oneDNN has them: they meet no weight."""
    kernel, step, pad = t["weight"].shape[:2], o.get("stride", [1, 1]), [0, 0]
    if o.get("same", True):
        size = [-(-n // s) for n, s in zip(x.shape[2:], step)]
        reach = [max((m - 1) * s + k - n, 0) for m, n, s, k in zip(size, x.shape[2:], step, kernel)]
        pad = [r // 2 for r in reach]
        if any(r % 2 for r in reach):
            return image(taps(back(x), t, step, pad, size))
    return F.conv2d(x, t["weight"].permute(3, 2, 0, 1), t["bias"], stride=step, padding=pad)


def norm(t, o):
    y = F.batch_norm(image(t["x"]), t["mean"], t["variance"], t["gamma"], t["beta"], o["training"], 0.01, 1e-3)
    return leaky(y, o)


def attention(t, o):
    x, heads = t["x"], o["heads"]
    n, tokens, dim = x.shape[0], x.shape[1], x.shape[2] // 3
    q, k, v = (p.reshape(n, tokens, heads, dim // heads).transpose(1, 2) for p in x.split(dim, 2))
    p = F.softmax(q @ k.transpose(2, 3) / (dim // heads) ** 0.5, -1)
    return (p @ v).transpose(1, 2).reshape(n, tokens, dim)


def step(t, o):
    p = t["x"]
    make = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}[o["kind"]]
    opt = make([p], **{k: v for k, v in o.items() if k != "kind"})
    for _ in range(2):
        p.grad = t["gy"].clone()
        opt.step()
    p.grad = None
    return p.detach().clone()


OPS = {
    "leaky_relu": lambda t, o: F.leaky_relu(t["x"], o["slope"]),
    "relu": lambda t, o: F.relu(t["x"]), "gelu": lambda t, o: F.gelu(t["x"]),
    "log": lambda t, o: torch.log(t["x"] + 0), "log10": lambda t, o: torch.log10(t["x"] + 0),
    "scaled": lambda t, o: t["x"] * o["by"],
    "add": lambda t, o: t["x"] + t["z"], "sub": lambda t, o: t["x"] - t["z"],
    "mul": lambda t, o: t["x"] * t["z"], "div": lambda t, o: t["x"] / t["z"],
    "sum": lambda t, o: t["x"].sum(o["axis"] - 1) if "axis" in o else t["x"].sum(),
    "mean": lambda t, o: t["x"].mean(o["axis"] - 1) if "axis" in o else t["x"].mean(),
    "softmax": lambda t, o: F.softmax(t["x"], -1),
    "layer_norm": lambda t, o: F.layer_norm(t["x"], t["x"].shape[-1:], t["gamma"], t["beta"], 1e-6),
    "attention": attention,
    "linear": lambda t, o: t["x"] @ t["weight"] + t["bias"],
    "matmul": lambda t, o: t["x"] @ t["z"],
    "conv2d": lambda t, o: back(convolve(image(t["x"]), t, o)),
    "conv_transpose2d": lambda t, o: back(F.conv_transpose2d(image(t["x"]), t["weight"].permute(2, 3, 0, 1), t["bias"], stride=2)),
    "max_pool2d": lambda t, o: back(F.max_pool2d(image(t["x"]), o["window"])),
    "avg_pool2d": lambda t, o: back(F.avg_pool2d(image(t["x"]), o["window"])),
    "batch_norm": lambda t, o: back(norm(t, o)),
    "norm_max_pool2d": lambda t, o: back(F.max_pool2d(norm(t, o), o["window"])),
    "norm_conv2d": lambda t, o: back(convolve(norm(t, o), t, {})),
    "l1": lambda t, o: F.l1_loss(t["x"], t["target"]), "mse": lambda t, o: F.mse_loss(t["x"], t["target"]),
    "bce_with_logits": lambda t, o: F.binary_cross_entropy_with_logits(t["x"], t["target"]),
    "cross_entropy": lambda t, o: F.cross_entropy(t["x"], t["target"].long() - 1),
    "step": step,
}
for unary in ("abs", "exp", "sqrt", "square", "sigmoid", "tanh"):
    OPS[unary] = lambda t, o, f=getattr(torch, unary): f(t["x"])

FIXED = ("gy", "target", "mean", "variance")
CHANGED = ("mean", "variance")


def run(op, options, shapes, odd):
    t = {}
    for name, shape in shapes.items():
        v = numbers(name, shape)
        for where, place, value, *many in odd:
            if where == name:
                v.ravel()[place:place + (many or [1])[0]] = VALUES[value]
        t[name] = torch.from_numpy(v)
        if name not in FIXED and op != "step":
            t[name].requires_grad_()
    y = OPS[op](t, options)
    results = {"y": pattern(y)}
    if op != "step":
        gy = t["gy"] if "gy" in t else torch.ones_like(y)
        y.backward(gy.reshape(y.shape))
        for name in shapes:
            if name not in FIXED:
                results["grad " + name] = pattern(t[name].grad)
    for name in CHANGED:
        if name in t and options.get("training"):
            results[name] = pattern(t[name])
    return {"op": op, "options": options, "shapes": shapes, "odd": odd, "results": results}


# PyTorch adds 0 times the infinite x of places that no maximum is at to gamma's gradient; Moonstem adds only maxima.
DIFFERENT = {"norm_max_pool2d": ["grad gamma"]}

CASES = []


def case(op, shapes, odd, **options):
    one = run(op, options, shapes, odd)
    for name in DIFFERENT.get(op, []):
        if odd[0][0] == "x" and odd[0][2] == "inf":
            del one["results"][name]
    CASES.append(one)


def count(shape):
    return int(np.prod(shape))


def each(op, shapes, names=None, kinds=("nan", "inf"), **options):
    """NaN in the middle of each tensor, infinities at its first and last number, one tensor and kind at a time."""
    for name in names or [n for n in shapes if n not in FIXED or n == "gy"]:
        n = count(shapes[name])
        for kind in kinds:
            places = [[name, n // 2, "nan"]] if kind == "nan" else [[name, 0, "inf"], [name, n - 1, "-inf"]]
            case(op, shapes, places, **options)


ALL = ["nan", "inf", "-inf", "-0", "huge", "-huge", "0"]
LONG = 67  # registers of 4, 8 and 16 numbers, and a remainder


def scattered(name, n=LONG):
    """All odd numbers in the first register, across the middle, and in the remainder."""
    return [[name, (i + at) % n, v] for at in (0, n // 2 - 3, n - len(ALL)) for i, v in enumerate(ALL)]


def elementwise():
    for op in ("abs", "exp", "log", "log10", "sqrt", "square", "sigmoid", "tanh", "relu", "gelu"):
        case(op, {"x": [LONG], "gy": [LONG]}, scattered("x"))
        case(op, {"x": [LONG], "gy": [LONG]}, scattered("gy"))
    for slope in (0.01, 0.5, 1):
        case("leaky_relu", {"x": [LONG], "gy": [LONG]}, scattered("x"), slope=slope)
        case("leaky_relu", {"x": [LONG], "gy": [LONG]}, scattered("gy"), slope=slope)
    case("relu", {"x": [LONG], "gy": [LONG]}, scattered("gy") + scattered("x"))
    case("scaled", {"x": [LONG], "gy": [LONG]}, scattered("x"), by=0)
    case("scaled", {"x": [LONG], "gy": [LONG]}, scattered("gy"), by=-2)
    for op in ("add", "sub", "mul", "div"):
        shapes = {"x": [LONG], "z": [LONG], "gy": [LONG]}
        case(op, shapes, scattered("x"))
        case(op, shapes, scattered("z"))
        case(op, shapes, [["x", 1, "inf"], ["z", 1, "inf"], ["x", 66, "inf"], ["z", 66, "-inf"], ["x", 33, "nan"],
                          ["z", 40, "nan"], ["x", 20, "0"], ["z", 20, "0"], ["x", 21, "inf"], ["z", 21, "0"]])


def rows():
    for op in ("sum", "mean"):
        for axis in (None, 1, 2, 3):
            o = {"axis": axis} if axis else {}
            shape = [4, LONG, 3]
            gy = [n for i, n in enumerate(shape) if axis and i != axis - 1]
            for odd in ([["x", 100, "nan"]], [["x", 0, "inf"], ["x", 200, "inf"]], [["x", 803, "-inf"], ["x", 800, "inf"]]):
                case(op, {"x": shape, "gy": gy} if gy else {"x": shape}, odd, **o)
    n = 37
    masked = [["x", i, "-inf"] for i in (0, 5, 15, 36)] + [["x", n + i, "-inf"] for i in range(n)]
    masked += [["x", 2 * n + 36, "inf"], ["x", 3 * n + 7, "nan"], ["x", 4 * n, "huge"], ["x", 4 * n + 9, "-huge"]]
    masked += [["x", 5 * n + i, "-inf"] for i in range(36)] + [["x", 6 * n, "nan"], ["x", 7 * n + 36, "nan"]]
    case("softmax", {"x": [9, n], "gy": [9, n]}, masked)
    case("softmax", {"x": [9, n], "gy": [9, n]}, [["gy", 3, "nan"], ["gy", n, "inf"], ["gy", 4 * n - 1, "-inf"]])
    case("layer_norm", {"x": [9, n], "gamma": [n], "beta": [n], "gy": [9, n]},
         [["x", 3, "nan"], ["x", n, "inf"], ["x", 4 * n - 1, "-inf"], ["x", 5 * n, "inf"], ["x", 5 * n + 1, "-inf"]])
    each("layer_norm", {"x": [9, n], "gamma": [n], "beta": [n], "gy": [9, n]}, ["gamma", "beta", "gy"])
    for place in (0, 3 * 16 + 4, 3 * 16 + 16, 3 * 16 + 24, 3 * 16 + 32, 3 * 16 + 47, 11 * 48 - 1):
        for value in ("nan", "inf"):
            case("attention", {"x": [1, 11, 48], "gy": [1, 11, 16]}, [["x", place, value]], heads=2)
    # Of infinite gradients PyTorch makes NaN wherever those of a row's weights have both signs; Moonstem, which sums
    # gy y instead, only where they meet.
    case("attention", {"x": [1, 11, 48], "gy": [1, 11, 16]}, [["gy", 5, "nan"], ["gy", 170, "nan"]], heads=2)
    each("linear", {"x": [7, 19], "weight": [19, 33], "bias": [33], "gy": [7, 33]})
    each("matmul", {"x": [13, LONG], "z": [LONG, 21], "gy": [13, 21]})


def losses():
    for op in ("l1", "mse", "bce_with_logits"):
        for value in ("nan", "inf", "-inf"):
            case(op, {"x": [5, 7], "target": [5, 7]}, [["x", 17, value]])
        case(op, {"x": [5, 7], "target": [5, 7]}, [["target", 17, "nan"]])
    for value in ("inf", "-inf"):
        for target in ("0", "1"):
            case("bce_with_logits", {"x": [5, 7], "target": [5, 7]}, [["x", 17, value], ["target", 17, target]])
    shapes = {"x": [4, 3], "target": [4]}
    case("cross_entropy", shapes, [["x", 1, "-inf"], ["x", 5, "-inf"], ["x", 10, "-inf"]])
    case("cross_entropy", shapes, [["x", 0, "-inf"]])
    case("cross_entropy", shapes, [["x", 4, "inf"]])
    case("cross_entropy", shapes, [["x", 5, "nan"]])
    case("cross_entropy", shapes, [["x", i, "-inf"] for i in (3, 4, 5)])


def pooling():
    for window, channels in (([2, 2], 1), ([2, 2], 19), ([1, 2], 16), ([3, 2], 7), ([4, 4], 35), ([1, 1], 3)):
        x = [2, 9, 10, channels]
        gy = [2, 9 // window[0], 10 // window[1], channels]
        line = 10 * channels
        two = [["x", 0, "nan"], ["x", line + channels, "nan"]]  # two in one window: the last one's place
        corners = [["x", i * line + j * channels + (i * 3 + j) % channels, v]
                   for i, j, v in ((0, 2, "nan"), (1, 4, "nan"), (0, 7, "nan"), (3, 3, "nan"), (5, 5, "inf"), (7, 9, "nan"))]
        low = [["x", 9 * line, "-inf", 9 * line]]
        for op in ("max_pool2d", "avg_pool2d"):
            for odd in (two, corners, low, [["gy", 0, "nan"], ["gy", count(gy) - 1, "inf"]]):
                case(op, {"x": x, "gy": gy}, odd, window=window)
    for slope, window, channels in ((0, [2, 2], 19), (0.01, [1, 2], 16), (1, [3, 2], 7)):
        c = [channels]
        shapes = {"x": [2, 6, 7, channels], "gamma": c, "beta": c, "mean": c, "variance": c,
                  "gy": [2, 6 // window[0], 7 // window[1], channels]}
        for training in (True, False):
            names = ["x", "beta", "gy"] if training else ["x", "gamma", "beta", "gy", "mean", "variance"]
            each("norm_max_pool2d", shapes, names, window=window, slope=slope, training=training)


# An infinite gamma in training is left out: of gz, x and their sums PyTorch multiplies the difference by it, Moonstem
# each part.
def norms():
    for slope, channels in ((0, 19), (0.01, 16), (1, 70)):
        c, x = [channels], [2, 5, 4, channels]
        shapes = {"x": x, "gamma": c, "beta": c, "mean": c, "variance": c, "gy": x}
        for training in (True, False):
            names = ["x", "beta", "gy"] if training else ["x", "gamma", "beta", "gy", "mean", "variance"]
            each("batch_norm", shapes, names, slope=slope, training=training)
    for slope, size, kernel in ((0, [2, 12, 13, 32, 33], [3, 3]), (0.01, [2, 6, 5, 5, 4], [3, 3]), (0, [2, 6, 7, 20, 16], [1, 1])):
        c = [size[3]]
        shapes = {"x": size[:4], "gamma": c, "beta": c, "mean": c, "variance": c, "weight": kernel + size[3:], "bias": [size[4]],
                  "gy": size[:3] + [size[4]]}
        each("norm_conv2d", shapes, ["x", "beta", "weight", "gy"], slope=slope, training=False)
        each("norm_conv2d", shapes, ["x", "gy"], slope=slope, training=True)


def convolutions():
    sizes = (  # n, h, w, cin, kh, kw, cout
        ([2, 12, 13, 32, 3, 3, 32], {}), ([2, 9, 9, 16, 3, 3, 40], {}), ([2, 7, 6, 3, 3, 3, 5], {}), ([2, 9, 14, 17, 3, 3, 1], {}),
        ([2, 20, 20, 48, 3, 3, 64], {}), ([2, 6, 7, 8, 1, 1, 24], {}), ([2, 7, 9, 5, 5, 3, 7], {}), ([2, 11, 10, 6, 2, 2, 9], {}),
        ([2, 11, 10, 6, 3, 3, 9], {"stride": [2, 2]}), ([2, 9, 10, 4, 3, 3, 16], {"stride": [2, 1], "same": False}),
        ([2, 8, 8, 1, 4, 4, 20], {"stride": [4, 4], "same": False}), ([2, 5, 70, 16, 3, 3, 4], {}))
    for (n, h, w, cin, kh, kw, cout), o in sizes:
        s = o.get("stride", [1, 1])
        oh, ow = ((-(-h // s[0]), -(-w // s[1])) if o.get("same", True) else ((h - kh) // s[0] + 1, (w - kw) // s[1] + 1))
        shapes = {"x": [n, h, w, cin], "weight": [kh, kw, cin, cout], "bias": [cout], "gy": [n, oh, ow, cout]}
        each("conv2d", shapes, **o)
        if h * w * cin < 3000:
            case("conv2d", shapes, [["x", 0, "huge"], ["gy", count(shapes["gy"]) - 1, "-huge"]], **o)
    for n, h, w, cin, cout in ([2, 5, 6, 7, 9], [2, 4, 3, 48, 16], [1, 3, 2, 136, 130]):
        each("conv_transpose2d", {"x": [n, h, w, cin], "weight": [2, 2, cin, cout], "bias": [cout], "gy": [n, 2 * h, 2 * w, cout]})


def steps():
    odd = [["gy", i, v] for i, v in ((0, "nan"), (15, "inf"), (16, "-inf"), (33, "huge"), (66, "nan"))]
    odd += [["x", i, v] for i, v in ((1, "nan"), (20, "inf"), (65, "-inf"))]
    for o in ({"kind": "adam", "lr": 0.1}, {"kind": "adam", "lr": 0.1, "weight_decay": 0.1}, {"kind": "sgd", "lr": 0.1},
              {"kind": "sgd", "lr": 0.1, "momentum": 0.9, "weight_decay": 0.1},
              {"kind": "sgd", "lr": 0.1, "momentum": 0.9, "nesterov": True}):
        case("step", {"x": [LONG], "gy": [LONG]}, odd, **o)


def main():
    for make in (elementwise, rows, losses, pooling, norms, convolutions, steps):
        make()
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "not_finite.json")
    with open(path, "w") as f:
        f.write("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in CASES) + "\n]\n")


if __name__ == "__main__":
    main()
