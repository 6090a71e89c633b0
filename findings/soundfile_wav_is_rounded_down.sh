#!/bin/sh
# Guess: writing floats as 16-bit WAV with python-soundfile rounds to the nearest step, as its FLAC does.
# Happens: WAV and AIFF are rounded down. The error is half a step on average (a DC offset of -90 dB in 16 bits) and up to a whole
#   step; -1e-9 becomes -1/32768. FLAC of the same numbers is rounded to nearest. soundfile turns libsndfile's clipping mode on, and
#   the conversion of that mode floors. Numbers that were read from 16 bits come back unchanged, so that copies hide it.
# Seen: soundfile 0.13.1 with libsndfile 1.2.2 (and 0.12.1 with 1.2.0): mean error WAV -0.499, AIFF -0.499, FLAC -0.001 steps.
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
python3 -m venv v; v/bin/pip -q install soundfile==0.13.1 numpy==2.3.5
v/bin/python - <<'P'
import sys
import numpy as np, soundfile as sf
x = np.random.default_rng(1).uniform(-0.5, 0.5, 200000)
mean = {}
for kind in "wav", "aiff", "flac":
    sf.write("x." + kind, x, 16000, subtype="PCM_16")
    error = (sf.read("x." + kind)[0] - x) * 32768
    mean[kind] = error.mean()
    print(f"{kind}: mean error {error.mean():+.3f} steps, largest {abs(error).max():.3f}")
as_before = abs(mean["wav"] + 0.5) < 0.02 and abs(mean["aiff"] + 0.5) < 0.02 and abs(mean["flac"]) < 0.02
sys.exit(0 if as_before else "changed")
P
