"""The peer of museval.lua: signals and their scores by museval, as .npy files and a line of JSON a case.
   python3 peer_museval.py FOLDER random COUNT       COUNT random cases, silent frames among them
   python3 peer_museval.py FOLDER files NAME SECONDS  scores of FOLDER/NAME-r.npy and NAME-e.npy"""
import json
import sys

import numpy as np
from museval.metrics import bss_eval


def tell(name, r, e, window, hop, taps):
    scores = bss_eval(r.astype(float), e.astype(float), window=window, hop=hop, filters_len=taps)[:4]
    line = {"name": name, "window": window, "hop": hop, "filters": taps}
    for key, score in zip(("sdr", "isr", "sir", "sar"), scores):
        line[key] = [[float(x) if np.isfinite(x) else str(x) for x in row] for row in score]
    print(json.dumps(line), flush=True)


def random_case(folder, rng, k):
    sources, channels = int(rng.integers(1, 4)), int(rng.integers(1, 3))
    samples = int(rng.integers(3000, 9000))
    taps = int(rng.choice([1, 8, 32, 512])) if sources * channels < 4 else 64
    r = rng.standard_normal((sources, samples, channels)) * 0.1
    for s in range(sources):
        for c in range(channels):
            r[s, :, c] = np.convolve(r[s, :, c], rng.standard_normal(5), "same")
    mix = rng.standard_normal((sources, sources)) * 0.2 + np.eye(sources)
    e = np.einsum("st,tnc->snc", mix, r) + 0.02 * rng.standard_normal(r.shape)
    if k % 4 == 1:
        r[0, 1000:2600] = 0
    if k % 5 == 2:
        e[-1, 500:1800] = 0
    r, e = r.astype(np.float32), e.astype(np.float32)
    np.save(f"{folder}/{k}-r.npy", r)
    np.save(f"{folder}/{k}-e.npy", e)
    window = int(rng.integers(700, 2500)) if k % 3 else samples
    tell(str(k), r, e, window, int(window * rng.choice([0.5, 1.0])), taps)


def main(folder, kind, *rest):
    if kind == "random":
        rng = np.random.default_rng(1)
        for k in range(int(rest[0])):
            random_case(folder, rng, k)
        return
    name, rate = rest[0], int(rest[1])
    tell(name, np.load(f"{folder}/{name}-r.npy"), np.load(f"{folder}/{name}-e.npy"), rate, rate, 512)


main(*sys.argv[1:])
