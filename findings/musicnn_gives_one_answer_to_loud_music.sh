#!/bin/sh
# Guess: a published tagger (musicnn 0.1.0, model MTT_musicnn) gives different tags to different music, loud or quiet.
# Happens: it computes 10000 x + 1 of mel powers in half precision, where a power above 6.55 becomes infinite. One such number in three
#   seconds makes every probability of that slice the same constant (guitar 0.3712, ...): two chords at half of full scale get exactly
#   equal answers, and so did all slices of seven of ten loud recordings. The same chords 20 dB lower get different answers. No
#   warning reaches the user but NumPy's "overflow encountered in multiply". MTT_vgg and MSD_vgg have the same front end, but answer
#   differently; MSD_musicnn gives a constant of its own.
# Seen: musicnn 0.1.0, TensorFlow 2.21.0 (tf_keras 2.21.0), librosa 0.11.0, NumPy 2.4: loud, largest difference of two chords 0;
#   quiet 0.07.
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
python3 -m venv v; v/bin/pip -q install tensorflow-cpu==2.21.0 tf_keras==2.21.0 librosa==0.11.0 soundfile==0.13.1
v/bin/pip -q install --no-deps musicnn==0.1.0
TF_USE_LEGACY_KERAS=1 TF_CPP_MIN_LOG_LEVEL=3 v/bin/python -W ignore - <<'P'
import sys
import numpy as np, soundfile as sf
from musicnn.extractor import extractor

t = np.arange(4 * 16000) / 16000
chords = [sum(np.sin(2 * np.pi * f * t) for f in notes) / 3 for notes in ((220, 275, 330), (523, 659, 784))]

def difference(gain):
    answers = []
    for chord in chords:
        sf.write("x.wav", gain * chord, 16000, subtype="FLOAT")
        answers.append(extractor("x.wav", model="MTT_musicnn", extract_features=False)[0])
    print()
    return float(abs(answers[0] - answers[1]).max())

loud, quiet = difference(0.5), difference(0.05)
print(f"two chords, largest difference of their probabilities: loud {loud:.4f}, 20 dB lower {quiet:.4f}")
sys.exit(0 if loud == 0 and quiet > 0.05 else "changed")
P
