#!/bin/sh
# Guess: librosa.effects.hpss(y, window="hamming") transforms with a Hamming window; an unknown window is an error.
# Happens: the argument is taken and used nowhere: every window gives the bits of the default, and so does a name that no window has.
#   win_length and the other arguments count.
# Seen: librosa 0.11.0 (0.10.0 has no such arguments; 0.10.2 as 0.11.0).
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
python3 -m venv v; v/bin/pip -q install librosa==0.11.0
v/bin/python - <<'P'
import sys
import librosa
import numpy as np

y = np.random.default_rng(1).normal(size=8000)
plain = librosa.effects.hpss(y, n_fft=512)
same = {w: all(np.array_equal(a, b) for a, b in zip(plain, librosa.effects.hpss(y, n_fft=512, window=w)))
        for w in ("hamming", "ones", "no such window")}
other = abs(plain[0] - librosa.effects.hpss(y, n_fft=512, win_length=400)[0]).max()
print("same bits as without:", same, " another win_length changes", other)
sys.exit(0 if all(same.values()) and other > 1e-3 else "changed")
P
