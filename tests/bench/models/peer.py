#!/usr/bin/python3
"""Times training steps of one network of twins.py and more_twins.py, as step.lua does. JSON lines.

    peer.py NAME SECONDS THREADS wall|processor BATCH SIZE ...

A line for each memory format of images (the faster counts): parameters, format, median_s, steps. Settings that make
PyTorch faster: glibc keeps freed tensors in huge pages of the heap, the optimizer is fused, ReLUs write in place.
"""
import json
import os
import statistics
import sys
import time

LEAST, WARM_UP = 2, 1
MALLOC = ":".join(f"glibc.malloc.{k}={v}" for k, v in {
    "hugetlb": 1, "mmap_max": 0, "trim_threshold": 1 << 34, "top_pad": 1 << 28}.items())

if os.environ.get("GLIBC_TUNABLES") != MALLOC:  # read while PyTorch loads
    os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "GLIBC_TUNABLES": MALLOC})

import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
import more_twins  # noqa: E402
import twins  # noqa: E402


def target_of(model, x):
    with torch.no_grad():
        y = model(x)
    return torch.rand_like(y) if y.dim() > 2 else (torch.rand_like(y) < 0.1).float()


def stepper(model, x):
    target = target_of(model, x)
    loss = F.l1_loss if target.dim() > 2 else F.binary_cross_entropy_with_logits
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4, fused=True)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss(model(x), target).backward()
        optimizer.step()
    return step


def timed(step, seconds, now):
    for _ in range(WARM_UP):
        step()
    times, stop = [], now() + seconds
    while len(times) < LEAST or now() < stop:
        began = now()
        step()
        times.append(now() - began)
    return {"median_s": statistics.median(times), "steps": len(times)}


def formats(model):
    yield "first", torch.contiguous_format
    if any(p.dim() == 4 for p in model.parameters()):
        yield "last", torch.channels_last


def main(name, seconds, threads, clock, *size):
    now = time.process_time if clock == "processor" else time.perf_counter
    torch.set_num_threads(int(threads))
    torch.manual_seed(1)
    torch.set_flush_denormal(True)
    model = {**twins.TWINS, **more_twins.TWINS}[name]()
    count, x = sum(p.numel() for p in model.parameters()), torch.rand(*map(int, size))
    for channels, memory in formats(model):
        model = model.to(memory_format=memory)
        times = timed(stepper(model, x), float(seconds), now)
        print(json.dumps({"parameters": count, "format": channels, **times}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
