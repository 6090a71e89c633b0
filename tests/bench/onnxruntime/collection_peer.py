"""Tags a folder of recordings with onnxruntime, as a script of an evening does it: ffmpeg decodes,
NumPy makes magnitudes of half-overlapping slices, all slices of a recording are one call.

    python collection_peer.py TAGGER.onnx FOLDER

Prints a JSON line for each file (file, mean probabilities), and last {"seconds": of the work}.
"""
import json
import os
import subprocess
import sys
import time

import numpy as np
import onnxruntime

RATE, WINDOW, HOP, FRAMES = 16000, 512, 160, 384

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 2
options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
entry = session.get_inputs()[0]
hann = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype("float32")


def decoded(path):
    command = ["ffmpeg", "-v", "error", "-i", path, "-ac", "1", "-ar", str(RATE)]
    command += ["-f", "f32le", "-"]
    return np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, "float32")


def slices(wave):
    windows = np.lib.stride_tricks.sliding_window_view(wave, WINDOW)[::HOP]
    magnitudes = np.abs(np.fft.rfft(windows * hann, axis=1))[:, :256].astype("float32")
    starts = range(0, len(magnitudes) - FRAMES + 1, FRAMES // 2)
    stacked = np.stack([magnitudes[at:at + FRAMES] for at in starts])
    return stacked.reshape([len(stacked)] + entry.shape[1:])


start = time.perf_counter()
for name in sorted(os.listdir(sys.argv[2])):
    logits = session.run(None, {entry.name: slices(decoded(os.path.join(sys.argv[2], name)))})[0]
    print(json.dumps({"file": name, "mean": (1 / (1 + np.exp(-logits))).mean(0).tolist()}))
print(json.dumps({"seconds": time.perf_counter() - start}))
