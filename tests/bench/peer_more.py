#!/usr/bin/python3
"""Cases that the PyTorch benchmark (bench.py, named by MOONSTEM_BENCH) lacks, or gives a process each. JSON lines.

    peer_more.py ready CASE             builds the case of bench.py and ends: the caller takes the time
    peer_more.py convolutions FORMAT DTYPE SECONDS CASE ...   times those of bench.py, all in one process: a line each
    peer_more.py feed/mp3 FILE SECONDS  decodes, resamples and crops with torchaudio
"""
import argparse
import json
import os
import statistics
import sys
import time

RATE, CROP_S, CLIP_S = 16000, 3.862, 29


def peer():
    sys.path.insert(0, os.path.dirname(os.path.abspath(os.environ["MOONSTEM_BENCH"])))
    import bench
    return bench


def tuned(bench):
    """Starts this process again in bench.py's settings, which are read while PyTorch loads."""
    if os.environ.get("MOONSTEM_TUNED"):
        return
    env = {**os.environ, **{k: v for k, v in bench.SETTINGS.items() if v is not None}, "MOONSTEM_TUNED": "1"}
    for key, value in bench.SETTINGS.items():
        if value is None:
            env.pop(key, None)
    os.execve(sys.executable, [sys.executable, *sys.argv], env)


def convolutions(memory, dtype, seconds, names):
    bench = peer()
    tuned(bench)
    import msspt
    options = argparse.Namespace(threads=os.cpu_count(), format=memory, dtype=dtype, seconds=seconds, repeats=3)
    setup, cases = bench.Setup(options), bench.cases(msspt)
    for name in names:
        times, _ = bench.measure(cases[name](setup).step, options)
        print(json.dumps({"case": name, "min_s": min(times), "median_s": statistics.median(times)}), flush=True)


def ready(name):
    bench = peer()
    import msspt
    setup = bench.Setup(argparse.Namespace(threads=os.cpu_count(), format="nhwc", dtype="f32"))
    bench.cases(msspt)[name](setup)


def crop(path, start):
    import torchaudio
    rate = 44100
    wave, rate = torchaudio.load(path, frame_offset=int(start * rate), num_frames=int(CROP_S * rate))
    return torchaudio.functional.resample(wave.mean(0), rate, RATE)


def feed(path, seconds):
    times, end = [], time.perf_counter() + seconds
    for k in range(2):
        crop(path, k)
    while len(times) < 5 or time.perf_counter() < end:
        t = time.perf_counter()
        crop(path, len(times) * 7 % (CLIP_S - 4))
        times.append(time.perf_counter() - t)
    print(json.dumps({"case": "feed/mp3", "repeats": len(times), "min_s": min(times), "median_s": statistics.median(times)}))


if __name__ == "__main__":
    if sys.argv[1] == "ready":
        ready(sys.argv[2])
    elif sys.argv[1] == "convolutions":
        convolutions(sys.argv[2], sys.argv[3], float(sys.argv[4]), sys.argv[5:])
    else:
        feed(sys.argv[2], float(sys.argv[3]))
