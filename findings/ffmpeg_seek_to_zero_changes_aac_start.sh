#!/bin/sh
# Guess: `ffmpeg -ss 0 -i x.m4a` decodes what `ffmpeg -i x.m4a` decodes.
# Happens: seeking to 0 leaves out the frame that primes the AAC decoder. The lengths are equal, but the first 448 samples are exact
#   zeros and the sound fades in up to about sample 573. Scripts that pass a start time always, also 0, spoil the first 13 ms of each file.
# Seen: ffmpeg 7.0.2 (imageio-ffmpeg 0.6.0) and Debian's 5.1.
set -eu
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT; cd "$T"
python3 -m venv v; v/bin/pip -q install soundfile==0.13.1 numpy==2.3.5 imageio-ffmpeg==0.6.0
v/bin/python - <<'P'
import subprocess, sys
import imageio_ffmpeg, numpy as np, soundfile as sf
ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
sf.write("x.wav", 0.4 * np.sin(2 * np.pi * 441 * np.arange(5 * 44100) / 44100), 44100)
subprocess.run([ffmpeg, "-v", "error", "-i", "x.wav", "-c:a", "aac", "-b:a", "128k", "x.m4a"], check=True)

def decoded(*seek):
    command = [ffmpeg, "-v", "error", *seek, "-i", "x.m4a", "-f", "f32le", "-"]
    return np.frombuffer(subprocess.run(command, check=True, capture_output=True).stdout, np.float32)

plain, sought = decoded(), decoded("-ss", "0")
differ = np.flatnonzero(abs(plain - sought) > 1e-3)
zeros = int((sought[:600] == 0).sum())
print(f"{len(plain)} and {len(sought)} samples; with -ss 0: {zeros} exact zeros, last sample that differs {differ[-1] if len(differ) else None}")
sys.exit(0 if zeros > 400 and len(differ) and differ[-1] < 1000 else "changed")
P
