"""Seconds that onnxruntime takes for one call of a U-Net on one segment: the median of N calls.

    python onnxruntime_peer.py U.onnx N
"""
import statistics
import sys
import time

import numpy as np
import onnxruntime

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 2
options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
entry = session.get_inputs()[0]
segment = np.abs(np.random.default_rng(1).normal(size=(1, 384, 256))).astype("float32")
segment = segment.reshape([1] + list(entry.shape[1:]))
times = []
for _ in range(int(sys.argv[2]) + 2):
    start = time.perf_counter()
    session.run(None, {entry.name: segment})
    times.append(time.perf_counter() - start)
print(statistics.median(times[2:]))
