#!/bin/sh
# Guess: librosa.effects.preemphasis(y, coef=c) gives y[n] - c y[n-1], with 2 y[0] - y[1] standing for the sample before the first, as its
#   documentation says; so with c = 0 it gives y.
# Happens: the first sample is 3 y[0] - y[1] for every c: the extrapolated sample goes into the filter's state without the factor -c. A
#   recording that begins loud begins with a click, also with c = 0.
# Seen: librosa 0.11.0 and 0.10.2.
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
python3 -m venv v; v/bin/pip -q install librosa==0.11.0
v/bin/python - <<'P'
import sys
import librosa
import numpy as np

y = np.cos(np.arange(100) / 10)
off = [librosa.effects.preemphasis(y, coef=c)[0] - (3 * y[0] - y[1]) for c in (0, 0.5, 0.97)]
change = abs(librosa.effects.preemphasis(y, coef=0.0) - y)
print("first sample less 3 y[0] - y[1]:", off, " coef=0 changes samples", np.flatnonzero(change > 1e-12), "by", change.max())
sys.exit(0 if max(map(abs, off)) < 1e-12 and change[0] > 0.9 and change[1:].max() == 0 else "changed")
P
