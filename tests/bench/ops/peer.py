#!/usr/bin/python3
"""The cases of ops.lua in PyTorch, under the same names and timed in the same way. JSON lines.

    peer.py [--seconds 0.1] [--memory] [--processor] CASE ...

Settings that make PyTorch faster: glibc keeps freed tensors in huge pages of the heap (else each is mapped
anew), inference_mode where no gradient is wanted, optimizers fused or not, images in both memory formats:
where a case has several ways, the fastest counts. Sequences of LSTM and GRU have the time first, as cuDNN's do.
With --processor one thread works and its least processor time counts. With --memory the allocator is left alone, so that freed memory goes back and the peak can be seen.
"""
import argparse
import ctypes
import gc
import json
import os
import statistics
import sys
import time
import warnings

IN_A_LOOP, LEAST, SLOW = 50, 3, 3
MALLOC = ":".join(f"glibc.malloc.{k}={v}" for k, v in {
    "hugetlb": 1, "mmap_max": 0, "trim_threshold": 1 << 34, "top_pad": 1 << 28}.items())


def tuned():
    """Starts this process again with the settings, which are read while it loads."""
    if os.environ.get("GLIBC_TUNABLES") != MALLOC and "--memory" not in sys.argv:
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "GLIBC_TUNABLES": MALLOC})


tuned()
import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402

CASES = {}


def add(name, inputs, f, grad=1):
    """f: a function of the inputs, or several that do the same."""
    CASES[name] = (inputs, f if isinstance(f, list) else [f], grad)


# ---- inputs ----
def normal(*size):
    return torch.randn(*size)


def up_to(n, *size):
    return torch.randint(0, n, size)


def count(large):
    return 10**7 if large else 1000


def side(large):
    return 512 if large else 32


def row(large):
    return [normal(count(large))]


def above_0(large):
    return [torch.rand(count(large)) + 0.1]


def two_rows(large):
    return row(large) + row(large)


def lines(large):
    return [normal(1000, 10000) if large else normal(32, 32)]


def square(large):
    return [normal(side(large), side(large))]


def two_squares(large):
    return square(large) + square(large)


def definite(large):
    a, = square(large)
    return [a @ a.T / side(large) + torch.eye(side(large))]


def million(large):
    return [normal(10**6 if large else 1000)]


def image(large):
    return [normal(8, 64, 128, 128) if large else normal(1, 16, 8, 8)]


def with_mask(inputs):
    return lambda large: inputs(large) + [inputs(large)[0] > 0]


# ---- number by number ----
add("add", two_rows, lambda x, y: x + y, 2)
add("add_row", lambda large: lines(large) + [normal(10000 if large else 32)], lambda x, y: x + y, 2)
add("pow", above_0, lambda x: x ** 1.7)
add("exp", row, lambda x: x.exp())
add("log1p", above_0, lambda x: x.log1p())
add("sin", row, lambda x: x.sin())
add("tanh", row, lambda x: x.tanh())
add("erf", row, lambda x: x.erf())
add("softplus", row, lambda x: F.softplus(x))
add("silu", row, lambda x: F.silu(x))
add("clamp", row, lambda x: x.clamp(-1, 1))
add("maximum", two_rows, lambda x, y: x.maximum(y), 2)
add("gt", two_rows, lambda x, y: x > y, 0)
add("where", with_mask(two_rows), lambda x, y, mask: torch.where(mask, x, y), 2)
add("masked_fill", with_mask(row), lambda x, mask: x.masked_fill(mask, 0))
add("lerp", two_rows, lambda x, y: x.lerp(y, 0.3), 2)

# ---- reductions ----
add("sum", row, lambda x: x.sum())
add("mean_1", lines, lambda x: x.mean(0))
add("mean_2", lines, lambda x: x.mean(1))
add("std_2", lines, lambda x: x.std(1))
add("amax_2", lines, lambda x: x.amax(1))
add("max_2", lines, lambda x: x.max(1)[0])
add("argmax_2", lines, lambda x: x.argmax(1), 0)
add("norm", row, lambda x: x.norm())
add("logsumexp_2", lines, lambda x: x.logsumexp(1))
add("log_softmax_2", lines, lambda x: x.log_softmax(1))
add("cumsum_2", lines, lambda x: x.cumsum(1))
add("median_2", lines, lambda x: x.median(1)[0])
add("quantile", million, lambda x: x.quantile(0.3))
add("histogram", row, [lambda x: torch.histc(x, 100, -3, 3), lambda x: torch.histogram(x, 100, range=(-3., 3.))], 0)
add("bincount", lambda large: [up_to(100, count(large))], lambda x: x.bincount(), 0)

# ---- choosing ----
add("sort", million, lambda x: x.sort()[0])
add("argsort", million, lambda x: x.argsort(), 0)
add("topk_2", lines, lambda x: x.topk(10)[0])
add("unique", lambda large: [up_to(1000, 10**6 if large else 1000).float()],
    lambda x: x.unique(return_inverse=True, return_counts=True), 0)
add("searchsorted", lambda large: [normal(1000).sort()[0]] + million(large), lambda x, v: torch.searchsorted(x, v), 0)


def with_positions(large):
    x, = lines(large)
    return [x, up_to(x.shape[1], *x.shape)]


def scattered(large):
    x, index = with_positions(large)
    return [x, torch.randn_like(x), index]


def with_row_positions(large):
    x, = lines(large)
    return [x, up_to(len(x), len(x))]


def write(x):
    x[:, 2:] = 1
    return x


add("gather_2", with_positions, lambda x, index: x.gather(1, index))
add("scatter_add_2", scattered, lambda x, source, index: x.scatter_add(1, index, source), 2)
add("index_rows", with_row_positions, lambda x, index: x[index])
add("index_mask", with_mask(row), lambda x, mask: x[mask])
add("index_range", lines, lambda x: x[:, 2:20])
add("index_write", lines, write, 0)
add("nonzero", lambda large: [row(large)[0] > 0], lambda x: x.nonzero(), 0)

# ---- shape ----
add("transpose", lines, lambda x: x.T.clone(memory_format=torch.contiguous_format))
add("cat_1", two_rows, lambda x, y: torch.cat([x, y], 0), 2)
add("pad_reflect", lines, lambda x: F.pad(x, (8, 8), mode="reflect"))
add("flip", lines, lambda x: x.flip(1))
add("roll", lines, lambda x: x.roll(7, 1))
add("tril", lines, lambda x: x.tril())
add("one_hot", lambda large: [up_to(100, count(large) // 100)], lambda x: F.one_hot(x, 100), 0)

# ---- products, matrices, spectra ----
add("matmul", two_squares, lambda x, y: x @ y, 2)


def batches(large):
    size = (32, 256, 256) if large else (2, 16, 16)
    return [normal(*size), normal(*size)]


def real_of(f):
    """A function of and to complex numbers that are pairs of real ones."""
    return lambda x: torch.view_as_real(f(torch.view_as_complex(x)))


def spectrogram(x):
    size = 256 if len(x) == 1 else 2048
    spectra = torch.stft(x, size, size // 4, window=HANN[size], pad_mode="constant", return_complex=True)
    return spectra.abs().square()


HANN = {size: torch.hann_window(size) for size in (256, 2048)}


def signals(large):
    return [normal(2441, 4096) if large else normal(1, 1024)]


add("einsum_batches", batches, lambda x, y: torch.einsum("bij,bjk->bik", x, y), 2)
add("outer", lambda large: [normal(3000 if large else 32) for _ in range(2)], lambda x, y: x.outer(y), 2)
add("cdist", lambda large: [normal(1000 if large else 20, 64) for _ in range(2)], lambda x, y: torch.cdist(x, y), 2)
add("solve", lambda large: definite(large) + square(large), lambda a, b: torch.linalg.solve(a, b), 2)
add("inverse", definite, lambda a: torch.linalg.inv(a))
add("cholesky", definite, lambda a: torch.linalg.cholesky(a))
add("qr", square, lambda a: torch.linalg.qr(a)[0])
add("eigh", definite, lambda a: torch.linalg.eigh(a)[0])
add("svd", square, lambda a: torch.linalg.svd(a, full_matrices=False)[1])
add("rfft", signals, lambda x: torch.view_as_real(torch.fft.rfft(x)))
add("fft", lambda large: [normal(1220, 4096, 2) if large else normal(1, 512, 2)], real_of(torch.fft.fft))
add("irfft", lambda large: [torch.view_as_real(torch.fft.rfft(signals(large)[0]))],
    lambda x: torch.fft.irfft(torch.view_as_complex(x)))
add("spectrogram", lambda large: [normal(8, 220500) if large else normal(1, 1024)], spectrogram)


# ---- layers ----
def sequence(batch, time_, channels):
    return normal(batch, channels, time_)


def conv1d(large):
    c = 128 if large else 32
    return [sequence(16, 2000, c) if large else sequence(1, 32, c), normal(c, c, 5), normal(c)]


def conv1d_depthwise(large):
    c = 256 if large else 32
    return [sequence(16, 2000, c) if large else sequence(1, 32, c), normal(c, 1, 5), normal(c)]


def conv2d_depthwise(large):
    x, = image(large)
    return [x, normal(x.shape[1], 1, 3, 3), normal(x.shape[1])]


def conv_transpose1d(large):
    c = 64 if large else 32
    return [sequence(16, 1000, c) if large else sequence(1, 32, c), normal(c, c, 4)]


def layer(name, make, inputs, grad=1):
    made = []

    def with_layer(large):
        made[:] = [make(large)]
        return inputs(large)
    add(name, with_layer, lambda x: made[0](x), grad)


def first(module):
    return lambda *given: module(*given)[0]


def attention(large):
    module = torch.nn.MultiheadAttention(256 if large else 32, 4, batch_first=True)
    return lambda x: module(x, x, x, need_weights=False)[0]


def recurrent(name, make):
    layer(name, lambda large: first(make(*((128, 128) if large else (16, 16)))),
          lambda large: [normal(500, 16, 128) if large else normal(8, 1, 16)])


def normed_lines(large):
    x, = lines(large)
    return [x, normal(x.shape[1]), normal(x.shape[1])]


def normed_image(large):
    x, = image(large)
    return [x, normal(x.shape[1]), normal(x.shape[1])]


def table(large):
    n = 10000 if large else 50
    return [normal(n, 128), up_to(n, count(large) // 128)]


def channels_last(x):
    return x.contiguous(memory_format=torch.channels_last)


def both_formats(name, inputs, f, grad=1):
    add(name, inputs, f, grad)
    CASES[name] = CASES[name] + (True,)


add("conv1d", conv1d, lambda x, w, b: F.conv1d(x, w, b, padding=2), 3)
add("conv1d_depthwise", conv1d_depthwise, lambda x, w, b: F.conv1d(x, w, b, padding=2, groups=x.shape[1]), 3)
both_formats("conv2d_depthwise", conv2d_depthwise,
             lambda x, w, b: F.conv2d(x, w, b, padding=1, groups=x.shape[1]), 3)
add("conv_transpose1d", conv_transpose1d, lambda x, w: F.conv_transpose1d(x, w, stride=2, padding=1), 2)
recurrent("lstm", torch.nn.LSTM)
recurrent("gru", torch.nn.GRU)
layer("attention", attention, lambda large: [normal(8, 512, 256) if large else normal(1, 16, 32)])
add("layer_norm", normed_lines, lambda x, w, b: F.layer_norm(x, x.shape[1:], w, b), 3)
both_formats("group_norm", normed_image, lambda x, w, b: F.group_norm(x, 4, w, b), 3)
add("embedding", table, lambda w, index: F.embedding(index, w))
both_formats("avg_pool2d", image, lambda x: F.avg_pool2d(x, 2))
both_formats("upsample_bilinear", lambda large: [normal(8, 64, 64, 64) if large else normal(1, 16, 4, 4)],
             lambda x: F.interpolate(x, scale_factor=2, mode="bilinear"))


# ---- losses ----
def with_classes(large):
    x, = lines(large)
    return [x, up_to(x.shape[1], len(x))]


def bce(large):
    x, y = two_rows(large)
    return [x, (y > 0).float()]


def ctc(large):
    b, t, c, n = (16, 400, 60, 40) if large else (2, 20, 20, 5)
    lengths = torch.full((b,), t, dtype=torch.long), torch.full((b,), n, dtype=torch.long)
    return [normal(t, b, c).log_softmax(2), torch.randint(1, c, (b, n)), *lengths]


add("loss_cross_entropy", with_classes, lambda x, y: F.cross_entropy(x, y))
add("loss_bce_with_logits", bce, lambda x, y: F.binary_cross_entropy_with_logits(x, y))
add("loss_huber", two_rows, lambda x, y: F.huber_loss(x, y))
add("loss_kl_div", lambda large: [lines(large)[0].log_softmax(1), lines(large)[0].softmax(1)],
    lambda x, y: F.kl_div(x, y, reduction="mean"))
add("loss_triplet", lambda large: lines(large) + lines(large) + lines(large),
    lambda x, y, z: F.triplet_margin_loss(x, y, z), 3)
add("loss_ctc", ctc, lambda x, y, n, m: F.ctc_loss(x, y, n, m))


# ---- optimizers ----
def optimizer(name, make, ways, **options):
    """Ten parameters with gradients; ways: options that change only how fast it is."""
    def inputs(large):
        params = [normal(count(large) // 10).requires_grad_() for _ in range(10)]
        for p in params:
            p.grad = torch.ones_like(p)
        return [make(params, lr=1e-3, **options, **way) for way in ways]
    add("optim_" + name, inputs, [lambda *made, k=k: made[k].step() for k in range(len(ways))], 0)


FUSED = [{"fused": True}, {"foreach": True}, {"foreach": False}]
optimizer("adam", torch.optim.Adam, FUSED)
optimizer("adamw", torch.optim.AdamW, FUSED)
optimizer("radam", torch.optim.RAdam, FUSED[1:])
optimizer("rmsprop", torch.optim.RMSprop, FUSED[1:])
optimizer("sgd", torch.optim.SGD, FUSED, momentum=0.9)


# ---- steps ----
def backward(f, inputs, grad):
    inputs = [x.detach().clone().requires_grad_() if k < grad else x for k, x in enumerate(inputs)]
    leaves, gy = inputs[:grad], torch.randn_like(f(*inputs).detach())

    def step():
        f(*inputs).backward(gy)
        for x in leaves:
            x.grad = None
    return step


def forward(f, inputs, _):
    return lambda: f(*inputs)


def once(step, n, clock):
    began = clock()
    for _ in range(n):
        step()
    return (clock() - began) / n


def timed(step, n, options):
    clock, typical = ((time.process_time, min) if options.processor else
                      (time.perf_counter, statistics.median))
    once(step, n, clock)
    times, start, now = [], clock(), 0
    while now < options.seconds or (len(times) < LEAST and now < SLOW * options.seconds):
        times.append(once(step, n, clock))
        now = clock() - start
    return {"median_s": typical(times), "repeats": len(times) * n}


# ---- memory ----
def resident_mib(name):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith(name + ":"))


def memory(step):
    step()
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    with open("/proc/self/clear_refs", "w") as mark:
        mark.write("5")
    before = resident_mib("VmRSS")
    step()
    return {"peak_mib": resident_mib("VmHWM") - before}


# ---- all of them ----
def formats(inputs, both):
    yield inputs
    if both:
        yield [channels_last(x) if x.dim() == 4 else x for x in inputs]


def measure(name, options):
    _, key, size, *back = name.split("/")
    inputs, ways, grad, both = (CASES[key] + (False,))[:4]
    given = inputs(size == "large")
    lines_ = []
    for f in ways:
        for these in formats(given, both):
            with torch.inference_mode(not back and not key.startswith("optim")):
                step = (backward if back else forward)(f, these, grad)
                lines_.append(memory(step) if options.memory else
                              timed(step, 1 if size == "large" else IN_A_LOOP, options))
    best = min(lines_, key=lambda line: line.get("median_s", line.get("peak_mib")))
    print(json.dumps({"case": name, **best}), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("cases", nargs="*")
    parser.add_argument("--seconds", type=float, default=0.1)
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--processor", action="store_true")
    given_options = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1 if given_options.processor else os.cpu_count())
    torch.manual_seed(1)
    for case in given_options.cases:
        measure(case, given_options)
        gc.collect()
