#!/bin/sh
# Guess: an onset detector hears the clicks of a metronome best where there is nothing else.
# Happens: of 40 clicks of 7 ms in digital silence aubio's default method hears the first alone: an onset is told some hops late, and what
#   is silent by then (below -70 dB; digital silence is below any number) is thrown away. Over noise 60 dB below the clicks it hears all
#   40; over noise 40 dB below them again the first alone. And all come some 15 ms early: the delay that it takes off is 1.3 hops too long.
# Seen: aubio 0.4.9, 44.1 kHz, windows of 1024 samples every 512 (needed: a C compiler, for aubio has no wheels).
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
python3 -m venv v; v/bin/pip -q install numpy==1.24.4 setuptools==65.5.0 wheel
v/bin/pip -q install --no-build-isolation aubio==0.4.9
v/bin/python - <<'P'
import sys
import aubio
import numpy as np

RATE, HOP = 44100, 512
since = np.arange(20 * RATE) / RATE % 0.5
clicks = 0.5 * np.sin(2 * np.pi * 1000 * since) * np.exp(-since * 735) * (since < 0.007)
hiss = np.random.default_rng(1).normal(size=len(clicks))

def onsets(y):
    detector, found = aubio.onset("default", 2 * HOP, HOP, RATE), []
    for first in range(0, len(y) - HOP, HOP):
        if detector(y[first:first + HOP].astype(np.float32))[0]:
            found.append(detector.get_last_s())
    return np.array(found)

silent, noisy, noisier = onsets(clicks), onsets(clicks + 5e-4 * hiss), onsets(clicks + 5e-3 * hiss)
early = 1000 * np.median((noisy + 0.25) % 0.5 - 0.25)
print(f"onsets of 40: {len(silent)} in silence, {len(noisy)} over noise at -60 dB, {len(noisier)} at -40 dB; {early:.1f} ms off")
sys.exit(0 if len(silent) < 5 and len(noisy) == 40 and len(noisier) < 5 and -20 < early < -10 else "changed")
P
