#!/bin/sh
# Guess: after a seek in an Ogg Vorbis file, libsndfile gives the samples that a whole read has at that place.
# Happens: after a seek forward by less than about two seconds on a handle that has read already, the first samples (up to some
#   hundred) are mixed from the block before the seek: sound that is nowhere in the file. Longer seeks, and seeks from a fresh handle,
#   are exact. And a seek whose target lies in the file's last page comes out shifted, also from a fresh handle.
# Seen: soundfile 0.13.1 with libsndfile 1.2.2 (and 0.12.1 with 1.2.0): seek by 20 000 frames: 535 wrong samples; by 100 000: none;
#   a fresh seek to the last 200 frames: all wrong.
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
python3 -m venv v; v/bin/pip -q install soundfile==0.13.1 numpy==2.3.5
v/bin/python - <<'P'
import sys
import numpy as np, soundfile as sf
sf.write("x.ogg", np.random.default_rng(1).uniform(-0.3, 0.3, 10 * 44100), 44100)
whole, _ = sf.read("x.ogg")

def wrong(seeks, count):
    with sf.SoundFile("x.ogg") as f:
        for place in seeks:
            f.seek(place)
            got = f.read(count)
    return int((abs(got - whole[place:place + len(got)]) > 1e-6).sum())

short, long = wrong([100000, 101000 + 20000], 1000), wrong([100000, 101000 + 100000], 1000)
fresh = wrong([121000], 1000)
last = wrong([len(whole) - 200], 200)
print(f"wrong samples after a short seek {short}, a long one {long}, from a fresh handle {fresh}, in the last page {last} of 200")
sys.exit(0 if short > 100 and long == 0 and fresh == 0 and last > 150 else "changed")
P
